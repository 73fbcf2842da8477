package io.github.vit4j.conformance;

import io.github.vit4j.tensor.Tensor;

/** Which numbers of a tensor are looked at. */
public sealed interface TensorView {
  /** The numbers, in a tensor of float64. */
  Tensor of(Tensor tensor);

  /** All of them. */
  record Whole() implements TensorView {
    @Override
    public Tensor of(Tensor tensor) {
      return tensor;
    }
  }
}
