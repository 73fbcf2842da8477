package io.github.vit4j.backend.tornado;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The arrays of a forward pass, or of a part of it, on a device: TornadoVM knows device memory by
 * the Java array that it belongs to, also where nothing is ever copied to or from that array.
 */
final class PassArrays {
  private final Map<Buffer, float[]> arrays = new LinkedHashMap<>();
  private final Map<Buffer, float[]> shared;
  private final Set<float[]> weights = Collections.newSetFromMap(new IdentityHashMap<>());

  /** For parameters that a kernel does not read; TornadoVM takes no empty array. */
  private final float[] none = new float[1];

  /** Attention weights that nobody asked for: all steps share it. */
  private final float[] scratch;

  /**
   * The arrays of some steps of a pass.
   *
   * @param shared the arrays of all of its steps, extended by these
   */
  PassArrays(List<Step> steps, Map<Buffer, float[]> shared) {
    this.shared = shared;
    int length = 1;
    for (Step step : steps) {
      if (step instanceof Step.Attention attention && attention.probabilities() == null) {
        length = Math.max(length, Math.multiplyExact(attention.rows(), attention.tokens()));
      }
      register(step);
    }
    this.scratch = new float[length];
  }

  /** A graph wants to know all arrays before its first task. */
  private void register(Step step) {
    switch (step) {
      case Step.Patches patches -> register(patches.pixels(), patches.patches());
      case Step.Embeddings embeddings -> {
        register(embeddings.projected(), embeddings.mask(), embeddings.y());
        weight(embeddings.maskToken());
        weight(embeddings.positions());
      }
      case Step.LayerNorm norm -> {
        register(norm.x(), norm.y());
        weight(norm.weights().weight());
        weight(norm.weights().bias());
      }
      case Step.Linear linear -> {
        register(linear.x(), linear.residual(), linear.y());
        weight(linear.weights().panels());
        weight(linear.weights().bias());
      }
      case Step.Attention attention ->
          register(
              attention.query(),
              attention.keyValue(),
              attention.probabilities(),
              attention.context());
      case Step.FirstTokens first -> register(first.x(), first.y());
      case Step.PixelShuffle shuffle -> register(shuffle.decoded(), shuffle.pixels());
    }
  }

  private void register(@Nullable Buffer... buffers) {
    for (Buffer buffer : buffers) {
      if (buffer != null) {
        of(buffer);
      }
    }
  }

  /** The array of {@code buffer}. */
  float[] of(Buffer buffer) {
    return arrays.computeIfAbsent(
        buffer, mine -> shared.computeIfAbsent(mine, planned -> new float[planned.length()]));
  }

  /** The buffers that the steps read or write. */
  Set<Buffer> buffers() {
    return Collections.unmodifiableSet(arrays.keySet());
  }

  /** The array of {@code buffer}, or one that is not read where there is none. */
  float[] orNone(@Nullable Buffer buffer) {
    return buffer == null ? none : of(buffer);
  }

  /** The array of {@code buffer}, or one to write to that nobody wants. */
  float[] orScratch(@Nullable Buffer buffer) {
    return buffer == null ? scratch : of(buffer);
  }

  /** An array of weights, remembered as such. */
  float[] weight(float[] values) {
    if (values.length == 0) {
      return none;
    }
    weights.add(values);
    return values;
  }

  /** Everything that has to be on the device before the first run, but for the inputs. */
  Object[] residents(Collection<Buffer> inputs) {
    Set<float[]> left = Collections.newSetFromMap(new IdentityHashMap<>());
    left.addAll(arrays.values());
    for (Buffer input : inputs) {
      left.remove(of(input));
    }
    left.addAll(weights);
    List<Object> all = new ArrayList<>(left);
    all.add(none);
    all.add(scratch);
    return all.toArray();
  }

  /** Device memory that weights and scratch take, in bytes, apart from the buffers' arrays. */
  long residentBytes() {
    long floats = scratch.length;
    for (float[] array : weights) {
      floats += array.length;
    }
    return floats * Float.BYTES;
  }
}
