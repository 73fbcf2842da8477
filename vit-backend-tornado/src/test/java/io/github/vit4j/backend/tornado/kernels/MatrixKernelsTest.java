package io.github.vit4j.backend.tornado.kernels;

import io.github.vit4j.backend.tornado.Doubles;
import io.github.vit4j.config.Activation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MatrixKernelsTest {
  @ParameterizedTest
  @CsvSource({
    "1,1,1,1,1",
    "3,5,7,1e-10,64",
    "4,64,64,1,1",
    "5,33,65,1e8,1",
    "9,130,200,1,2",
    "30,257,64,1,3"
  })
  void linearIsWhatFloat64Gives(
      int rows, int inputs, int outputs, float magnitude, int tileGroups) {
    checkLinear(rows, inputs, outputs, magnitude, Activation.LINEAR, tileGroups);
  }

  @ParameterizedTest
  @EnumSource
  void linearAppliesEveryActivation(Activation activation) {
    checkLinear(6, 20, 70, 1, activation, 2);
  }

  private static void checkLinear(
      int rows, int inputs, int outputs, float magnitude, Activation activation, int tileGroups) {
    float[] values = Doubles.random(rows * inputs, 1, magnitude);
    float[] weight = Doubles.random(outputs * inputs, 2, 1);
    float[] bias = Doubles.random(outputs, 3, magnitude);
    int stride = Layout.stride(outputs);
    int groups = Layout.rowGroups(rows);
    float[] y = new float[Layout.paddedRows(rows) * stride];
    int tiles = Math.ceilDiv(groups, tileGroups) * (stride / TileProduct.STRIP);
    for (int from = 0; from < tiles; from += 3) {
      MatrixKernels.linear(
          Doubles.matrix(values, rows, inputs),
          Doubles.panels(weight, outputs, inputs),
          Doubles.padded(bias),
          new float[1],
          y,
          inputs,
          Layout.stride(inputs),
          stride,
          groups,
          tileGroups,
          0,
          ActivationKernels.numberOf(activation),
          0,
          from,
          Math.min(from + 3, tiles));
    }
    for (int row = 0; row < rows; row++) {
      for (int output = 0; output < outputs; output++) {
        double sum = Doubles.linear(values, row * inputs, weight, inputs, bias, output);
        double expected = Doubles.activation(activation, sum);
        double error = (inputs + 8) * magnitude * 1.2e-7 * Math.max(1, Math.abs(sum) / magnitude);
        Doubles.assertClose(y[row * stride + output], expected, error, row + ", " + output);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1,1,1,0", "5,33,65,0", "4,64,192,64", "6,10,100,64"})
  void linearResidualAddsToTheResidual(int rows, int inputs, int outputs, int firstColumn) {
    float[] values = Doubles.random(rows * inputs, 1, 1);
    float[] weight = Doubles.random(outputs * inputs, 2, 1);
    float[] bias = Doubles.random(outputs, 3, 1);
    int stride = Layout.stride(outputs);
    int groups = Layout.rowGroups(rows);
    float[] residual = Doubles.random(Layout.paddedRows(rows) * stride, 4, 1);
    float[] y = residual.clone();
    MatrixKernels.linear(
        Doubles.matrix(values, rows, inputs),
        Doubles.panels(weight, outputs, inputs),
        Doubles.padded(bias),
        y,
        y,
        inputs,
        Layout.stride(inputs),
        stride,
        groups,
        TileProduct.MOST_GROUPS,
        firstColumn,
        ActivationKernels.LINEAR,
        1,
        0,
        (stride - firstColumn) / TileProduct.STRIP);
    for (int row = 0; row < rows; row++) {
      for (int output = 0; output < outputs; output++) {
        double before = residual[row * stride + output];
        double expected =
            output < firstColumn
                ? before
                : before + Doubles.linear(values, row * inputs, weight, inputs, bias, output);
        double error = (inputs + 8) * 1.2e-7;
        Doubles.assertClose(y[row * stride + output], expected, error, row + ", " + output);
      }
    }
  }
}
