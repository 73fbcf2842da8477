package io.github.vit4j.backend.onnx;

import io.github.vit4j.spi.Output;
import java.util.EnumSet;
import java.util.Set;

/**
 * Which graph of a model.
 *
 * @param outputs what it computes
 * @param masked whether it takes {@code bool_masked_pos}
 * @param positionsGiven whether it takes {@code position_embeddings} (with the CLS token added to
 *     the first) and images of any size
 */
record GraphKey(Set<Output> outputs, boolean masked, boolean positionsGiven) {
  private static final Set<Output> OF_FIRST_TOKEN = Set.of(Output.LOGITS, Output.POOLER_OUTPUT);

  GraphKey {
    outputs = Set.copyOf(outputs);
  }

  /** Whether the last layer has to compute nothing but the CLS token. */
  boolean needsFirstTokenOnly() {
    return OF_FIRST_TOKEN.containsAll(outputs);
  }

  boolean has(Output output) {
    return outputs.contains(output);
  }

  /** This key with one more output. */
  GraphKey with(Output output) {
    EnumSet<Output> more = EnumSet.copyOf(outputs);
    more.add(output);
    return new GraphKey(more, masked, positionsGiven);
  }
}
