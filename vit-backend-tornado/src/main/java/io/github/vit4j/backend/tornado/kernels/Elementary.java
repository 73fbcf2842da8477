package io.github.vit4j.backend.tornado.kernels;

/**
 * Elementary functions in float arithmetic of the plainest kind: no double, no bit patterns and no
 * library, none of which every device's compiler takes. Each is right to a few units in the last
 * place, for infinities too, and hands NaN on.
 */
@SuppressWarnings("FloatingPointLiteralPrecision") // coefficients as they were published
public final class Elementary {
  private static final float LOG2_E = 1.44269504f;

  /** The upper bits of ln 2, few enough for their multiples to be exact, and the rest. */
  private static final float LN2_HIGH = 0.693359375f;

  private static final float LN2_LOW = -2.12194440e-4f;

  /** Beyond these, e^x is infinite or zero in float32. */
  private static final float EXP_MAX = 89f;

  private static final float EXP_MIN = -104f;

  private Elementary() {}

  /** The square root. */
  public static float sqrt(float x) {
    return (float) Math.sqrt(x);
  }

  /** The magnitude. */
  public static float abs(float x) {
    return x < 0f ? -x : x;
  }

  /**
   * e^x: 2^n e^r with |r| at most ln(2) / 2, and the polynomial of {@code expf} in S. Moshier's
   * Cephes library for e^r.
   */
  public static float exp(float x) {
    if (x > EXP_MAX) {
      x = EXP_MAX;
    }
    if (x < EXP_MIN) {
      x = EXP_MIN;
    }
    int n = (int) (x * LOG2_E + (x < 0f ? -0.5f : 0.5f));
    float r = x - n * LN2_HIGH;
    r = r - n * LN2_LOW;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    return timesPowerOfTwo(p * r * r + r + 1f, n);
  }

  /** {@code y} times 2^n, for n from -150 to 150: in three steps, the last of which may round. */
  private static float timesPowerOfTwo(float y, int n) {
    int third = n / 3;
    float p = powerOfTwo(third);
    return y * p * p * powerOfTwo(n - 2 * third);
  }

  /** 2^n, for n from -62 to 62. */
  private static float powerOfTwo(int n) {
    float p = (float) (1L << (n < 0 ? -n : n));
    return n < 0 ? 1f / p : p;
  }

  /**
   * The error function: a polynomial in x up to 0.93, beyond it 1 - e^q(x). The polynomials are N.
   * Juffa's ("Efficient faithfully rounded implementation of error function erff()").
   */
  public static float erf(float x) {
    float t = abs(x);
    float s = x * x;
    if (t > 0.927734375f) {
      if (t > 4f) {
        t = 4f; // where erf is 1
        s = 16f;
      }
      float r = -1.72853470e-5f * t + 3.83197126e-4f;
      float u = -3.88396438e-3f * t + 2.42546219e-2f;
      r = r * s + u;
      r = r * t - 1.06777877e-1f;
      r = r * t - 6.34846687e-1f;
      r = r * t - 1.28717512e-1f;
      r = r * t - t;
      r = 1f - exp(r);
      return x < 0f ? -r : r;
    }
    float r = -5.96761703e-4f;
    r = r * s + 4.99119423e-3f;
    r = r * s - 2.67681349e-2f;
    r = r * s + 1.12819925e-1f;
    r = r * s - 3.76125336e-1f;
    r = r * s + 1.28379166e-1f;
    return r * x + x;
  }

  /**
   * The hyperbolic tangent: Cephes' {@code tanhf} polynomial up to 0.625, beyond it 1 - 2 / (e^2x +
   * 1).
   */
  public static float tanh(float x) {
    float t = abs(x);
    if (t > 0.625f) {
      float r = 1f - 2f / (exp(2f * t) + 1f);
      return x < 0f ? -r : r;
    }
    float s = x * x;
    float p = -5.70498872745e-3f;
    p = p * s + 2.06390887954e-2f;
    p = p * s - 5.37397155531e-2f;
    p = p * s + 1.33314422036e-1f;
    p = p * s - 3.33332819422e-1f;
    return p * s * x + x;
  }

  /** 1 / (1 + e^-x). */
  public static float sigmoid(float x) {
    return 1f / (1f + exp(-x));
  }

  /**
   * ln(1 + e^x), as x where that is positive + ln(1 + u) with u = e^-|x|; ln(1 + u) = 2 artanh(u /
   * (2 + u)), whose series converges fast for u up to 1.
   *
   * @param u e^-|x|
   */
  static float softplus(float x, float u) {
    float s = u / (2f + u);
    float q = s * s;
    float p = 1f / 15f;
    p = p * q + 1f / 13f;
    p = p * q + 1f / 11f;
    p = p * q + 1f / 9f;
    p = p * q + 1f / 7f;
    p = p * q + 1f / 5f;
    p = p * q + 1f / 3f;
    float log = 2f * (p * q * s + s);
    return x > 0f ? x + log : log;
  }
}
