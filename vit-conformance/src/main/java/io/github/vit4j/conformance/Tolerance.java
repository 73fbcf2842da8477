package io.github.vit4j.conformance;

import io.github.vit4j.spi.Precision;

/**
 * How far a backend may be from the float64 result.
 *
 * <p>Every tensor comes with what PyTorch itself loses there in each precision: the largest error,
 * as a share of the tensor's largest magnitude, over several inputs and over both of its attention
 * implementations. A backend that adds up in another order, and as carefully, has other rounding
 * errors of the same size: it may lose as much as PyTorch, in another direction, and on the input
 * at hand it may do so where PyTorch is lucky. The {@link #MULTIPLE} covers the part of the
 * distribution of those errors that the inputs measured do not show.
 *
 * <p>In float32 a wrong operator is orders of magnitude above that. In the other precisions PyTorch
 * itself loses 0.1 to 30 %, and what is told apart is less: tanh for erf in GELU, for one, shows in
 * float32 only.
 *
 * <p>Where PyTorch loses less than the unit roundoff of the precision, as for an output that is
 * nearly a copy of the input, the unit roundoff counts: rounding a result once may cost that.
 */
public final class Tolerance {
  /** How many times as much as PyTorch a backend may lose. */
  public static final double MULTIPLE = 4;

  private Tolerance() {}

  /**
   * {@return the largest share by which rounding to a precision once changes a number: 2^-24 for
   * float32, 2^-11 for float16, 2^-8 for bfloat16; 2^-7 for int8, half a step of 127 steps to
   * either side being 2^-8, once for each factor}
   *
   * @param precision what is rounded to
   */
  public static double unitRoundoff(Precision precision) {
    return switch (precision) {
      case FP32 -> 0x1p-24;
      case FP16 -> 0x1p-11;
      case BF16 -> 0x1p-8;
      case INT8 -> 0x1p-7;
    };
  }

  /**
   * {@return what a backend may lose, as a share of the largest magnitude}
   *
   * @param pytorchLoss what PyTorch loses, as a share of the largest magnitude
   * @param precision of the session
   */
  public static double of(double pytorchLoss, Precision precision) {
    return MULTIPLE * Math.max(pytorchLoss, unitRoundoff(precision));
  }
}
