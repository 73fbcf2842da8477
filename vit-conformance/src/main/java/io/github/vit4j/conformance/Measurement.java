package io.github.vit4j.conformance;

/**
 * How far one tensor was from the float64 result.
 *
 * @param tensor for example {@code hidden_states.3}
 * @param relativeError largest difference as a share of the largest expected magnitude; infinite
 *     where a number is not finite or the shape is wrong
 * @param tolerance what was allowed, in the same unit
 * @param pytorchLoss what PyTorch itself loses there in the same precision, in the same unit
 */
public record Measurement(
    String tensor, double relativeError, double tolerance, double pytorchLoss) {
  /** Whether the error is within what was allowed. */
  public boolean agrees() {
    return relativeError <= tolerance;
  }
}
