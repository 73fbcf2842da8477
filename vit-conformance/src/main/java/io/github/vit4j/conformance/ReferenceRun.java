package io.github.vit4j.conformance;

import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a model is given and what transformers computes from it.
 *
 * @param name unique within the case, for example {@code masked_per_image}
 * @param requirement what the run is made to judge
 * @param inputs for {@code ViTSession.run}, with the outputs that are asked for
 * @param labels for the losses of {@code ViTForImageClassification}: int64 [n] class indices (-100
 *     is ignored), float32 [n] values, or float32 [n, labels] truth values or values; null where
 *     there are none
 * @param expected every tensor of the outputs asked for, named as in {@code logits} and {@code
 *     hidden_states.3}, possibly under several views; and {@code loss}, float64 [], where the run
 *     is about one, which no session but the model classes compute
 */
public record ReferenceRun(
    String name,
    Requirement requirement,
    ViTInputs inputs,
    @Nullable Tensor labels,
    List<ExpectedTensor> expected) {
  /** Copies the list. */
  public ReferenceRun {
    expected = List.copyOf(expected);
  }

  /** The name. */
  @Override
  public String toString() {
    return name;
  }
}
