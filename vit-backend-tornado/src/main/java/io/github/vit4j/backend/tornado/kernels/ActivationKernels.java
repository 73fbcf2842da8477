package io.github.vit4j.backend.tornado.kernels;

import io.github.vit4j.config.Activation;

/**
 * The functions of {@link Activation} by number, as kernels cannot take an enum. A kernel's scalars
 * are constants for the compiler of a device, so that nothing is left of the choice there.
 */
public final class ActivationKernels {
  public static final int GELU = 0;
  public static final int GELU_10 = 1;
  public static final int GELU_FAST = 2;
  public static final int GELU_TANH = 3;
  public static final int HARDSWISH = 4;
  public static final int LAPLACE = 5;
  public static final int LEAKY_RELU = 6;
  public static final int LINEAR = 7;
  public static final int MISH = 8;
  public static final int QUICK_GELU = 9;
  public static final int RELU = 10;
  public static final int RELU2 = 11;
  public static final int RELU6 = 12;
  public static final int SIGMOID = 13;
  public static final int SILU = 14;
  public static final int SQRTSOFTPLUS = 15;
  public static final int TANH = 16;

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
    if (activation == LINEAR) {
      return x;
    }
    if (activation == GELU) {
      return gelu(x);
    }
    if (activation == GELU_10) {
      float y = gelu(x);
      return y > 10f ? 10f : (y < -10f ? -10f : y);
    }
    if (activation == GELU_FAST || activation == GELU_TANH) {
      // One is written with the root as a number: they are the same in float32.
      return 0.5f * x * (1f + Elementary.tanh(SQRT_2_OVER_PI * x * (1f + 0.044715f * x * x)));
    }
    if (activation == QUICK_GELU) {
      return x * Elementary.sigmoid(1.702f * x);
    }
    if (activation == RELU) {
      return x < 0f ? 0f : x;
    }
    if (activation == SILU) {
      return x * Elementary.sigmoid(x);
    }
    if (activation == TANH) {
      return Elementary.tanh(x);
    }
    return rare(activation, x);
  }

  private static float gelu(float x) {
    return 0.5f * x * (1f + Elementary.erf(x * SQRT_HALF));
  }

  /** In two methods, as TornadoVM takes none that is large with all it calls. */
  private static float rare(int activation, float x) {
    if (activation == HARDSWISH) {
      return x * clampTo6(x + 3f) / 6f;
    }
    if (activation == LAPLACE) {
      return 0.5f * (1f + Elementary.erf((x - 0.707107f) / LAPLACE_WIDTH));
    }
    if (activation == LEAKY_RELU) {
      return x < 0f ? 0.01f * x : x;
    }
    if (activation == RELU2) {
      return x < 0f ? 0f : x * x;
    }
    if (activation == RELU6) {
      return clampTo6(x);
    }
    if (activation == SIGMOID) {
      return Elementary.sigmoid(x);
    }
    return ofSoftplus(activation, x);
  }

  private static float ofSoftplus(int activation, float x) {
    float softplus = Elementary.softplus(x);
    if (activation == MISH) {
      return x * Elementary.tanh(softplus);
    }
    return Elementary.sqrt(softplus); // SQRTSOFTPLUS
  }

  private static float clampTo6(float x) {
    return x > 6f ? 6f : (x < 0f ? 0f : x);
  }
}
