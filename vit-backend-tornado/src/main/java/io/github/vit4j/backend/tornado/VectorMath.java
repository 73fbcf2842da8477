package io.github.vit4j.backend.tornado;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The functions of {@code kernels.Elementary} that matter for speed, on vectors: the same
 * polynomials, with fused multiply-add, both sides of a choice computed. Made of operations that
 * give the same bits whether they are compiled or not, which the library's own functions do not.
 *
 * <p>Vectors stay within a method as far as possible: the compiler inlines the API's own methods
 * always but others only up to a limit, and a vector that leaves a method becomes an object. So
 * larger functions work on arrays, and constants are made where they are used.
 */
@SuppressWarnings("FloatingPointLiteralPrecision") // coefficients as they were published
final class VectorMath {
  static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private static final VectorSpecies<Integer> BITS = IntVector.SPECIES_PREFERRED;
  private static final float LOG2_E = 1.44269504f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;

  /** 1.5 * 2^23: added to a small number it leaves the nearest integer in the lowest bits. */
  private static final float ROUND = 12_582_912f;

  private static final int EXPONENT_SHIFT = 23;
  private static final int EXPONENT_OF_ONE = 127 << EXPONENT_SHIFT;

  private VectorMath() {}

  /** e^x, where x is first brought between -87 and 88: beyond, float32 has hardly any numbers. */
  static FloatVector exp(FloatVector x) {
    FloatVector clamped = x.max(-87f).min(88f);
    FloatVector shifted =
        clamped.fma(FloatVector.broadcast(SPECIES, LOG2_E), FloatVector.broadcast(SPECIES, ROUND));
    FloatVector n = shifted.sub(ROUND);
    FloatVector r =
        n.fma(
            FloatVector.broadcast(SPECIES, -LN2_LOW),
            n.fma(FloatVector.broadcast(SPECIES, -LN2_HIGH), clamped));
    FloatVector p = FloatVector.broadcast(SPECIES, 1.9875691500e-4f);
    p = p.fma(r, FloatVector.broadcast(SPECIES, 1.3981999507e-3f));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 8.3334519073e-3f));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 4.1665795894e-2f));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 1.6666665459e-1f));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 5.0000001201e-1f));
    FloatVector y = p.fma(r.mul(r), r).add(1f);
    IntVector power =
        shifted
            .reinterpretAsInts()
            .lanewise(VectorOperators.LSHL, EXPONENT_SHIFT)
            .add(IntVector.broadcast(BITS, EXPONENT_OF_ONE));
    return y.mul(power.reinterpretAsFloats());
  }

  /** The error function of each number, in place. */
  static void erf(float[] numbers) {
    for (int i = 0; i < numbers.length; i += SPECIES.length()) {
      FloatVector x = FloatVector.fromArray(SPECIES, numbers, i);
      FloatVector s = x.mul(x);
      FloatVector p = FloatVector.broadcast(SPECIES, -5.96761703e-4f);
      p = p.fma(s, FloatVector.broadcast(SPECIES, 4.99119423e-3f));
      p = p.fma(s, FloatVector.broadcast(SPECIES, -2.67681349e-2f));
      p = p.fma(s, FloatVector.broadcast(SPECIES, 1.12819925e-1f));
      p = p.fma(s, FloatVector.broadcast(SPECIES, -3.76125336e-1f));
      p = p.fma(s, FloatVector.broadcast(SPECIES, 1.28379166e-1f));
      FloatVector inner = p.fma(x, x);

      FloatVector t = x.abs().min(4f);
      FloatVector q = t.mul(t);
      FloatVector r =
          t.fma(
              FloatVector.broadcast(SPECIES, -1.72853470e-5f),
              FloatVector.broadcast(SPECIES, 3.83197126e-4f));
      FloatVector u =
          t.fma(
              FloatVector.broadcast(SPECIES, -3.88396438e-3f),
              FloatVector.broadcast(SPECIES, 2.42546219e-2f));
      r = r.fma(q, u);
      r = r.fma(t, FloatVector.broadcast(SPECIES, -1.06777877e-1f));
      r = r.fma(t, FloatVector.broadcast(SPECIES, -6.34846687e-1f));
      r = r.fma(t, FloatVector.broadcast(SPECIES, -1.28717512e-1f));
      r = r.fma(t, t.neg());
      FloatVector outer = FloatVector.broadcast(SPECIES, 1f).sub(exp(r));
      VectorMask<Float> large = t.compare(VectorOperators.GT, 0.927734375f);
      FloatVector signed = outer.blend(outer.neg(), x.compare(VectorOperators.LT, 0f));
      inner.blend(signed, large).intoArray(numbers, i);
    }
  }

  /** The hyperbolic tangent of each number, in place. */
  static void tanh(float[] numbers) {
    for (int i = 0; i < numbers.length; i += SPECIES.length()) {
      FloatVector x = FloatVector.fromArray(SPECIES, numbers, i);
      FloatVector s = x.mul(x);
      FloatVector p = FloatVector.broadcast(SPECIES, -5.70498872745e-3f);
      p = p.fma(s, FloatVector.broadcast(SPECIES, 2.06390887954e-2f));
      p = p.fma(s, FloatVector.broadcast(SPECIES, -5.37397155531e-2f));
      p = p.fma(s, FloatVector.broadcast(SPECIES, 1.33314422036e-1f));
      p = p.fma(s, FloatVector.broadcast(SPECIES, -3.33332819422e-1f));
      FloatVector inner = p.mul(s).fma(x, x);

      FloatVector t = x.abs();
      FloatVector outer =
          FloatVector.broadcast(SPECIES, 1f)
              .sub(FloatVector.broadcast(SPECIES, 2f).div(exp(t.add(t)).add(1f)));
      FloatVector signed = outer.blend(outer.neg(), x.compare(VectorOperators.LT, 0f));
      inner.blend(signed, t.compare(VectorOperators.GT, 0.625f)).intoArray(numbers, i);
    }
  }

  /** 1 / (1 + e^-x) of each number, in place. */
  static void sigmoid(float[] numbers) {
    for (int i = 0; i < numbers.length; i += SPECIES.length()) {
      FloatVector x = FloatVector.fromArray(SPECIES, numbers, i);
      FloatVector.broadcast(SPECIES, 1f).div(exp(x.neg()).add(1f)).intoArray(numbers, i);
    }
  }
}
