package io.github.vit4j.backend.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.backend.tornado.kernels.ActivationKernels;
import io.github.vit4j.backend.tornado.kernels.Layout;
import io.github.vit4j.config.Activation;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Plain Java, and the Vector API where this JVM has it. */
@ParameterizedClass
@MethodSource("all")
class ArithmeticTest {
  @Parameter Arithmetic arithmetic = new PlainArithmetic();

  static Stream<Arithmetic> all() {
    return Arithmetics.hasVectorApi()
        ? Stream.of(new PlainArithmetic(), new VectorArithmetic())
        : Stream.of(new PlainArithmetic());
  }

  @ParameterizedTest
  @CsvSource({"1,1", "2,1", "17,1e-12", "64,1", "771,1e10"})
  void aProductIsWhatFloat64Gives(int inner, float magnitude) {
    int xStride = inner + 3;
    float[] x = Doubles.random(2 + Layout.ROWS * xStride, 1, magnitude);
    float[] weight = Doubles.random(2 * Layout.PANEL * inner, 2, 1);
    float[] panels = Doubles.panels(weight, 2 * Layout.PANEL, inner);
    float[] none = new float[2 * Layout.PANEL];
    float[] tile = Doubles.random(Arithmetic.TILE, 3, 1);
    arithmetic.product(x, 2, xStride, panels, inner * Layout.PANEL, inner, tile);
    for (int i = 0; i < Arithmetic.TILE; i++) {
      int start = 2 + i / Layout.PANEL * xStride;
      int output = Layout.PANEL + i % Layout.PANEL;
      double expected = Doubles.linear(x, start, weight, inner, none, output);
      Doubles.assertClose(tile[i], expected, (inner + 4) * magnitude * 1.2e-7, "number " + i);
    }
  }

  /** One float32 sum over all inputs would lose 1.2e-6 here; large models need better. */
  @Test
  void aLongProductLosesFewDigits() {
    int inner = 4096;
    float[] x = Doubles.random(Layout.ROWS * inner, 1, 1);
    float[] weight = Doubles.random(Layout.PANEL * inner, 2, 1);
    float[] tile = new float[Arithmetic.TILE];
    float[] panels = Doubles.panels(weight, Layout.PANEL, inner);
    arithmetic.product(x, 0, inner, panels, 0, inner, tile);
    float[] none = new float[Layout.PANEL];
    double errors = 0;
    double values = 0;
    for (int i = 0; i < Arithmetic.TILE; i++) {
      int start = i / Layout.PANEL * inner;
      double expected = Doubles.linear(x, start, weight, inner, none, i % Layout.PANEL);
      errors += (tile[i] - expected) * (tile[i] - expected);
      values += expected * expected;
    }
    assertThat(Math.sqrt(errors / values)).isLessThan(5e-7);
  }

  @ParameterizedTest
  @EnumSource
  void everyActivationIsWhatFloat64Gives(Activation activation) {
    float[] bias = Doubles.random(2 * Layout.PANEL, 2, 1);
    int stride = 2 * Layout.PANEL;
    for (float magnitude : new float[] {1e-6f, 1, 6, 30, 1000}) {
      float[] tile = Doubles.random(Arithmetic.TILE, 1, magnitude);
      float[] y = new float[Layout.ROWS * stride];
      arithmetic.activate(
          tile.clone(),
          bias,
          Layout.PANEL,
          ActivationKernels.numberOf(activation),
          y,
          Layout.PANEL,
          stride);
      for (int i = 0; i < Arithmetic.TILE; i++) {
        int column = Layout.PANEL + i % Layout.PANEL;
        float x = tile[i] + bias[column];
        double expected = Doubles.activation(activation, x);
        double unit = Math.max(1.2e-7, Math.max(Math.abs(x), Math.abs(expected)) * 1.2e-7);
        Doubles.assertClose(
            y[i / Layout.PANEL * stride + column], expected, 3 * unit, activation + " of " + x);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyActivationHandsNotANumberOn(Activation activation) {
    float[] tile = new float[Arithmetic.TILE];
    Arrays.fill(tile, Float.NaN);
    float[] y = new float[Arithmetic.TILE];
    float[] bias = new float[Layout.PANEL];
    int number = ActivationKernels.numberOf(activation);
    arithmetic.activate(tile, bias, 0, number, y, 0, Layout.PANEL);
    assertThat(y).containsOnly(Float.NaN);
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void aResidualIsAdded(boolean inPlace) {
    float[] tile = Doubles.random(Arithmetic.TILE, 1, 1);
    float[] bias = Doubles.random(Layout.PANEL, 2, 1);
    int stride = 3 * Layout.PANEL;
    float[] residual = Doubles.random(Layout.ROWS * stride, 3, 1);
    float[] before = residual.clone();
    float[] y = inPlace ? residual : new float[residual.length];
    arithmetic.addResidual(tile, bias, 0, residual, y, Layout.PANEL, stride);
    for (int i = 0; i < Arithmetic.TILE; i++) {
      int at = Layout.PANEL + i / Layout.PANEL * stride + i % Layout.PANEL;
      double expected = (double) before[at] + tile[i] + bias[i % Layout.PANEL];
      Doubles.assertClose(y[at], expected, 4e-7, "number " + i);
    }
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "5,1,0.5", "16,10,1", "197,3,0.125", "50,300,1", "33,1e30,1"})
  void softmaxIsWhatFloat64Gives(int length, float magnitude, float scale) {
    float[] scores = Doubles.random(length + 20, 1, magnitude);
    double[] given = new double[length];
    Arrays.setAll(given, i -> scores[3 + i]);
    float[] untouched = scores.clone();
    arithmetic.softmax(scores, 3, length, scale);
    double[] expected = Doubles.softmax(given, scale);
    for (int i = 0; i < scores.length; i++) {
      boolean inside = i >= 3 && i < 3 + length;
      double value = inside ? expected[i - 3] : untouched[i];
      // A score's own rounding counts by how large it is.
      double units = Math.min(8 + 2 * magnitude * scale, 1e4);
      double error = inside ? 1e-30 + value * units * 1.2e-7 : 0;
      Doubles.assertClose(scores[i], value, error, "score " + i);
    }
  }

  @ParameterizedTest
  @CsvSource({"1,1,0,1e-12", "3,2,0,1e-6", "64,1,100,1e-12", "197,1e-6,0,1e-12", "770,1e6,0,1e-5"})
  void layerNormIsWhatFloat64Gives(int width, float magnitude, float mean, float epsilon) {
    int stride = Layout.stride(width);
    float[] x = Doubles.random(9 * stride, 1, magnitude);
    for (int i = 0; i < x.length; i++) {
      x[i] += mean;
    }
    NormWeights weights = new NormWeights(Doubles.random(width, 2, 1), Doubles.random(width, 3, 1));
    float[] y = new float[3 * stride];
    arithmetic.layerNorm(x, weights, y, 3, width, stride, epsilon, 1, 3);
    for (int row = 1; row < 3; row++) {
      double[] expected =
          Doubles.layerNorm(x, row * 3 * stride, width, weights.weight(), weights.bias(), epsilon);
      for (int i = 0; i < width; i++) {
        // What the mean's own rounding loses counts by how much larger it is than the rest.
        double error = 3e-6 * (1 + mean / magnitude);
        Doubles.assertClose(y[row * stride + i], expected[i], error, "feature " + i);
      }
    }
    assertThat(y[0]).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "1,1,1,1,1,1",
    "2,5,3,16,5,1",
    "1,70,2,7,70,3",
    "3,65,2,64,1,1",
    "1,17,1,80,17,1e-3",
    "1,9,2,6,9,30"
  })
  void attentionIsWhatFloat64Gives(
      int images, int tokens, int heads, int headSize, int queries, float magnitude) {
    AttentionCase given = new AttentionCase(images, tokens, heads, headSize, queries, magnitude);
    Buffer unused = new Buffer("unused", 0);
    Step.Attention step =
        new Step.Attention(
            unused,
            unused,
            unused,
            unused,
            3 * given.stride,
            given.stride,
            images,
            queries,
            tokens,
            heads,
            headSize,
            given.scale);
    JvmAttention attention = new JvmAttention(arithmetic);
    for (int imageHead = images * heads - 1; imageHead >= 0; imageHead--) {
      for (int from = 0; from < queries; from += 6) {
        attention.run(
            step,
            given.query,
            given.keyValue,
            given.probabilities,
            given.context,
            imageHead,
            from,
            Math.min(from + 6, queries));
      }
    }
    given.check(2e-6 * Math.max(1, magnitude * magnitude));
  }
}
