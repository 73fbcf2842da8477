package io.github.vit4j.conformance;

import io.github.vit4j.spi.Precision;
import io.github.vit4j.tensor.Tensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What transformers computes, and how well.
 *
 * @param name for example {@code logits} or {@code hidden_states.3}
 * @param shape of the whole tensor
 * @param view which numbers of it are stored
 * @param float64 those numbers, computed in float64 throughout, float64
 * @param float32 those numbers as transformers gives them in float32; null where only float64 is
 *     stored
 * @param pytorchLoss by precision: the largest difference from the float64 result that PyTorch
 *     shows over several inputs of this kind, as a share of the largest magnitude
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ExpectedTensor(
    String name,
    long[] shape,
    TensorView view,
    Tensor float64,
    @Nullable Tensor float32,
    Map<Precision, Double> pytorchLoss) {
  /** Copies the map. */
  public ExpectedTensor {
    pytorchLoss = Map.copyOf(pytorchLoss);
  }
}
