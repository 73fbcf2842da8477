package io.github.vit4j.conformance;

import java.util.Locale;

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
  /** {@return whether the error is within what was allowed} */
  public boolean agrees() {
    return relativeError <= tolerance;
  }

  /** {@return the error as a share of the tolerance: more than 1 does not agree} */
  public double shareOfTolerance() {
    return agrees() && relativeError == 0 ? 0 : relativeError / tolerance;
  }

  /**
   * {@return all of it on a line, for example {@code logits: relative error 3.1e-02, tolerance
   * 1.2e-06, PyTorch 2.4e-07}}
   */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: relative error %.1e, tolerance %.1e, PyTorch %.1e",
        tensor,
        relativeError,
        tolerance,
        pytorchLoss);
  }
}
