package io.github.vit4j.backend.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.backend.tornado.kernels.Layout;
import io.github.vit4j.config.Activation;
import java.util.Arrays;
import java.util.Random;
import org.apache.commons.numbers.gamma.Erf;

/** The same functions in float64, written to be read, and numbers to try them with. */
public final class Doubles {
  private Doubles() {}

  /** Numbers between -{@code magnitude} and {@code magnitude}. */
  public static float[] random(int count, long seed, float magnitude) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextFloat(-magnitude, magnitude);
    }
    return values;
  }

  /** {@code transformers/activations.py}. */
  public static double activation(Activation activation, double x) {
    return switch (activation) {
      case GELU -> gelu(x);
      case GELU_10 -> Math.clamp(gelu(x), -10.0, 10.0);
      case GELU_FAST, GELU_TANH ->
          0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
      case HARDSWISH -> x * Math.clamp(x + 3, 0.0, 6.0) / 6;
      case LAPLACE -> 0.5 * (1 + Erf.value((x - 0.707107) / (0.282095 * Math.sqrt(2))));
      case LEAKY_RELU -> x > 0 ? x : 0.01 * x;
      case LINEAR -> x;
      case MISH -> x * Math.tanh(softplus(x));
      case QUICK_GELU -> x * sigmoid(1.702 * x);
      case RELU -> Math.max(x, 0);
      case RELU2 -> Math.max(x, 0) * Math.max(x, 0);
      case RELU6 -> Math.clamp(x, 0.0, 6.0);
      case SIGMOID -> sigmoid(x);
      case SILU -> x * sigmoid(x);
      case SQRTSOFTPLUS -> Math.sqrt(softplus(x));
      case TANH -> Math.tanh(x);
    };
  }

  private static double gelu(double x) {
    return 0.5 * x * (1 + Erf.value(x / Math.sqrt(2)));
  }

  /** 1 / (1 + e^-x). */
  public static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** ln(1 + e^x). */
  public static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  /** Softmax of scale times {@code scores}. */
  public static double[] softmax(double[] scores, double scale) {
    double largest = Double.NEGATIVE_INFINITY;
    for (double score : scores) {
      largest = Math.max(largest, score);
    }
    double[] result = new double[scores.length];
    double sum = 0;
    for (int i = 0; i < scores.length; i++) {
      result[i] = Math.exp((scores[i] - largest) * scale);
      sum += result[i];
    }
    for (int i = 0; i < scores.length; i++) {
      result[i] /= sum;
    }
    return result;
  }

  /** Row {@code row} of W x + b; W is [outputs, inputs]. */
  public static double linear(
      float[] x, int xStart, float[] weight, int inputs, float[] bias, int output) {
    double sum = bias[output];
    for (int i = 0; i < inputs; i++) {
      sum += (double) weight[output * inputs + i] * x[xStart + i];
    }
    return sum;
  }

  /** Layer normalisation of {@code width} numbers from {@code start} on. */
  public static double[] layerNorm(
      float[] x, int start, int width, float[] weight, float[] bias, double epsilon) {
    double mean = 0;
    for (int i = 0; i < width; i++) {
      mean += (double) x[start + i] / width;
    }
    double variance = 0;
    for (int i = 0; i < width; i++) {
      variance += (x[start + i] - mean) * (x[start + i] - mean) / width;
    }
    double[] result = new double[width];
    for (int i = 0; i < width; i++) {
      result[i] = (x[start + i] - mean) / Math.sqrt(variance + epsilon) * weight[i] + bias[i];
    }
    return result;
  }

  /** The panels of a weight [outputs, inputs], number by number. */
  public static float[] panels(float[] weight, int outputs, int inputs) {
    float[] panels = new float[Layout.stride(outputs) * inputs];
    for (int output = 0; output < outputs; output++) {
      for (int i = 0; i < inputs; i++) {
        int panel = output / Layout.PANEL;
        panels[(panel * inputs + i) * Layout.PANEL + output % Layout.PANEL] =
            weight[output * inputs + i];
      }
    }
    return panels;
  }

  /** {@code values} with zeros behind, up to a whole panel. */
  public static float[] padded(float[] values) {
    return Arrays.copyOf(values, Layout.stride(values.length));
  }

  /** Rows of {@code width} numbers with the padding that kernels expect, which holds NaN. */
  public static float[] matrix(float[] values, int rows, int width) {
    int stride = Layout.stride(width);
    float[] matrix = new float[Layout.paddedRows(rows) * stride];
    Arrays.fill(matrix, Float.NaN);
    for (int row = 0; row < rows; row++) {
      System.arraycopy(values, row * width, matrix, row * stride, width);
    }
    return matrix;
  }

  /** Whether {@code actual} is {@code expected} but for {@code error}; infinities must be equal. */
  public static void assertClose(float actual, double expected, double error, String what) {
    if ((float) expected == actual) {
      return;
    }
    assertThat(Math.abs(actual - expected))
        .as("%s: %s instead of %s", what, actual, expected)
        .isLessThanOrEqualTo(error);
  }
}
