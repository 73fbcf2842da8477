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
    FloatVector shifted = clamped.fma(splat(LOG2_E), splat(ROUND));
    FloatVector n = shifted.sub(ROUND);
    FloatVector r = n.fma(splat(-LN2_LOW), n.fma(splat(-LN2_HIGH), clamped));
    FloatVector p = splat(1.9875691500e-4f);
    p = p.fma(r, splat(1.3981999507e-3f));
    p = p.fma(r, splat(8.3334519073e-3f));
    p = p.fma(r, splat(4.1665795894e-2f));
    p = p.fma(r, splat(1.6666665459e-1f));
    p = p.fma(r, splat(5.0000001201e-1f));
    FloatVector y = p.fma(r.mul(r), r).add(1f);
    IntVector power =
        shifted
            .reinterpretAsInts()
            .lanewise(VectorOperators.LSHL, EXPONENT_SHIFT)
            .add(IntVector.broadcast(BITS, EXPONENT_OF_ONE));
    return y.mul(power.reinterpretAsFloats());
  }

  /** The error function. */
  static FloatVector erf(FloatVector x) {
    FloatVector s = x.mul(x);
    FloatVector p = splat(-5.96761703e-4f);
    p = p.fma(s, splat(4.99119423e-3f));
    p = p.fma(s, splat(-2.67681349e-2f));
    p = p.fma(s, splat(1.12819925e-1f));
    p = p.fma(s, splat(-3.76125336e-1f));
    p = p.fma(s, splat(1.28379166e-1f));
    FloatVector inner = p.fma(x, x);

    FloatVector t = x.abs().min(4f);
    FloatVector q = t.mul(t);
    FloatVector r = t.fma(splat(-1.72853470e-5f), splat(3.83197126e-4f));
    FloatVector u = t.fma(splat(-3.88396438e-3f), splat(2.42546219e-2f));
    r = r.fma(q, u);
    r = r.fma(t, splat(-1.06777877e-1f));
    r = r.fma(t, splat(-6.34846687e-1f));
    r = r.fma(t, splat(-1.28717512e-1f));
    r = r.fma(t, t.neg());
    FloatVector outer = splat(1f).sub(exp(r));
    VectorMask<Float> large = t.compare(VectorOperators.GT, 0.927734375f);
    return inner.blend(withSign(outer, x), large);
  }

  /** The hyperbolic tangent. */
  static FloatVector tanh(FloatVector x) {
    FloatVector s = x.mul(x);
    FloatVector p = splat(-5.70498872745e-3f);
    p = p.fma(s, splat(2.06390887954e-2f));
    p = p.fma(s, splat(-5.37397155531e-2f));
    p = p.fma(s, splat(1.33314422036e-1f));
    p = p.fma(s, splat(-3.33332819422e-1f));
    FloatVector inner = p.mul(s).fma(x, x);

    FloatVector t = x.abs();
    FloatVector outer = splat(1f).sub(splat(2f).div(exp(t.add(t)).add(1f)));
    return inner.blend(withSign(outer, x), t.compare(VectorOperators.GT, 0.625f));
  }

  /** 1 / (1 + e^-x). */
  static FloatVector sigmoid(FloatVector x) {
    return splat(1f).div(exp(x.neg()).add(1f));
  }

  /** The numbers of {@code magnitude}, which are not negative, with the signs of {@code x}. */
  private static FloatVector withSign(FloatVector magnitude, FloatVector x) {
    return magnitude.blend(magnitude.neg(), x.compare(VectorOperators.LT, 0f));
  }

  static FloatVector splat(float value) {
    return FloatVector.broadcast(SPECIES, value);
  }
}
