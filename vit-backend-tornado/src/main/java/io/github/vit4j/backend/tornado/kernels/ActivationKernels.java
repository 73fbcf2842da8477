package io.github.vit4j.backend.tornado.kernels;

import io.github.vit4j.config.Activation;

/**
 * The functions of {@link Activation} by number, as kernels cannot take an enum. A kernel's scalars
 * are constants for the compiler of a device, so that nothing is left of the choice there.
 *
 * <p>The numbers are bits, and asked for as bits: comparisons of one number with several constants
 * become a switch at TornadoVM, of which Graal's compiler keeps everything that was ever compiled
 * from it.
 */
public final class ActivationKernels {
  public static final int GELU = 1;
  public static final int GELU_10 = 1 << 1;
  public static final int GELU_FAST = 1 << 2;
  public static final int GELU_TANH = 1 << 3;
  public static final int HARDSWISH = 1 << 4;
  public static final int LAPLACE = 1 << 5;
  public static final int LEAKY_RELU = 1 << 6;
  public static final int LINEAR = 1 << 7;
  public static final int MISH = 1 << 8;
  public static final int QUICK_GELU = 1 << 9;
  public static final int RELU = 1 << 10;
  public static final int RELU2 = 1 << 11;
  public static final int RELU6 = 1 << 12;
  public static final int SIGMOID = 1 << 13;
  public static final int SILU = 1 << 14;
  public static final int SQRTSOFTPLUS = 1 << 15;
  public static final int TANH = 1 << 16;

  private static final float SQRT_HALF = (float) 0.7071067811865476;
  private static final float SQRT_2_OVER_PI = (float) 0.7978845608028654;
  private static final float LAPLACE_WIDTH = (float) (0.282095 * 1.4142135623730951);

  private ActivationKernels() {}

  /** The number of a function, for the host. */
  public static int numberOf(Activation activation) {
    return switch (activation) {
      case GELU -> GELU;
      case GELU_10 -> GELU_10;
      case GELU_FAST -> GELU_FAST;
      case GELU_TANH -> GELU_TANH;
      case HARDSWISH -> HARDSWISH;
      case LAPLACE -> LAPLACE;
      case LEAKY_RELU -> LEAKY_RELU;
      case LINEAR -> LINEAR;
      case MISH -> MISH;
      case QUICK_GELU -> QUICK_GELU;
      case RELU -> RELU;
      case RELU2 -> RELU2;
      case RELU6 -> RELU6;
      case SIGMOID -> SIGMOID;
      case SILU -> SILU;
      case SQRTSOFTPLUS -> SQRTSOFTPLUS;
      case TANH -> TANH;
    };
  }

  /** The value of function number {@code activation} at {@code x}. */
  public static float apply(int activation, float x) {
    return applyOther(activation, applyErfOrTanh(activation, x));
  }

  /**
   * The first half of {@link #apply}: {@code x} itself for functions of the other half. TornadoVM
   * puts all that a method calls into it before it knows the number, and refuses a method that so
   * becomes large: kernels call the halves one after the other, and each of the costly functions is
   * called in one place.
   */
  static float applyErfOrTanh(int activation, float x) {
    if ((activation & (GELU | GELU_10 | LAPLACE)) != 0) {
      return ofErf(activation, x);
    }
    if ((activation & (GELU_FAST | GELU_TANH | TANH)) != 0) {
      return ofTanh(activation, x);
    }
    return x;
  }

  /** The second half: {@code x} itself for functions of the first half, and for LINEAR. */
  static float applyOther(int activation, float x) {
    if ((activation & (QUICK_GELU | SILU | SIGMOID | MISH | SQRTSOFTPLUS)) != 0) {
      return ofExp(activation, x);
    }
    return piecewise(activation, x);
  }

  private static float ofErf(int activation, float x) {
    float e =
        Elementary.erf(
            (activation & LAPLACE) != 0 ? (x - 0.707107f) / LAPLACE_WIDTH : x * SQRT_HALF);
    if ((activation & LAPLACE) != 0) {
      return 0.5f * (1f + e);
    }
    float y = 0.5f * x * (1f + e);
    if ((activation & GELU_10) != 0) {
      return y > 10f ? 10f : (y < -10f ? -10f : y);
    }
    return y;
  }

  /** GELU_FAST is written with the root as a number: it is GELU_TANH in float32. */
  private static float ofTanh(int activation, float x) {
    float t =
        Elementary.tanh(
            (activation & TANH) != 0 ? x : SQRT_2_OVER_PI * x * (1f + 0.044715f * x * x));
    return (activation & TANH) != 0 ? t : 0.5f * x * (1f + t);
  }

  private static float ofExp(int activation, float x) {
    float z = (activation & QUICK_GELU) != 0 ? 1.702f * x : x;
    float u = Elementary.exp(-Elementary.abs(z));
    if ((activation & MISH) != 0) {
      // tanh(ln(1 + e^x)) as a quotient of powers of e^-|x|
      float square = u * u;
      float t =
          x < 0f
              ? (square + 2f * u) / (square + 2f * u + 2f)
              : (1f + 2f * u) / (1f + 2f * u + 2f * square);
      return x * t;
    }
    if ((activation & SQRTSOFTPLUS) != 0) {
      return Elementary.sqrt(Elementary.softplus(x, u));
    }
    float sigmoid = z < 0f ? u / (1f + u) : 1f / (1f + u);
    return (activation & SIGMOID) != 0 ? sigmoid : x * sigmoid;
  }

  private static float piecewise(int activation, float x) {
    if ((activation & HARDSWISH) != 0) {
      return x * clampTo6(x + 3f) / 6f;
    }
    if ((activation & LEAKY_RELU) != 0) {
      return x < 0f ? 0.01f * x : x;
    }
    if ((activation & RELU2) != 0) {
      return x < 0f ? 0f : x * x;
    }
    if ((activation & RELU6) != 0) {
      return clampTo6(x);
    }
    if ((activation & RELU) != 0) {
      return x < 0f ? 0f : x;
    }
    return x;
  }

  private static float clampTo6(float x) {
    return x > 6f ? 6f : (x < 0f ? 0f : x);
  }
}
