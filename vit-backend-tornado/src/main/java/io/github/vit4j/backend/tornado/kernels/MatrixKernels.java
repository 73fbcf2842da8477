package io.github.vit4j.backend.tornado.kernels;

import uk.ac.manchester.tornado.api.annotations.Parallel;

/**
 * Linear layers for processors under TornadoVM: {@value Layout#ROWS} rows times {@value
 * Layout#COLUMNS} outputs are summed in local variables, so that a number that is loaded takes part
 * in four or eight products. A tile is one such block; tiles are counted row group by row group,
 * then strip by strip of outputs, so that neighbours share a strip of the weight. Matrices lie as
 * {@link Layout} says.
 */
public final class MatrixKernels {
  private MatrixKernels() {}

  /**
   * y = activation(W x + b).
   *
   * @param x rows of {@code inner} features, {@code xStride} apart
   * @param weight panels
   * @param bias one number per output, with padding; zeros where the layer has none
   * @param y result, rows {@code stride} apart
   * @param rowGroups groups of {@link Layout#ROWS} rows
   * @param firstColumn the first output of tile 0
   * @param activation one of {@link ActivationKernels}
   * @param from the first tile
   * @param to the tile behind the last
   */
  public static void linear(
      float[] x,
      float[] weight,
      float[] bias,
      float[] y,
      int inner,
      int xStride,
      int stride,
      int rowGroups,
      int firstColumn,
      int activation,
      int from,
      int to) {
    for (@Parallel int tile = from; tile < to; tile++) {
      int strip = tile / rowGroups;
      int row = (tile - strip * rowGroups) * Layout.ROWS;
      int column = firstColumn + strip * Layout.COLUMNS;
      int w = column / Layout.PANEL * inner * Layout.PANEL + column % Layout.PANEL;
      int x0 = row * xStride;
      int x1 = x0 + xStride;
      int x2 = x1 + xStride;
      int x3 = x2 + xStride;
      float s00 = 0f;
      float s01 = 0f;
      float s02 = 0f;
      float s03 = 0f;
      float s04 = 0f;
      float s05 = 0f;
      float s06 = 0f;
      float s07 = 0f;
      float s10 = 0f;
      float s11 = 0f;
      float s12 = 0f;
      float s13 = 0f;
      float s14 = 0f;
      float s15 = 0f;
      float s16 = 0f;
      float s17 = 0f;
      float s20 = 0f;
      float s21 = 0f;
      float s22 = 0f;
      float s23 = 0f;
      float s24 = 0f;
      float s25 = 0f;
      float s26 = 0f;
      float s27 = 0f;
      float s30 = 0f;
      float s31 = 0f;
      float s32 = 0f;
      float s33 = 0f;
      float s34 = 0f;
      float s35 = 0f;
      float s36 = 0f;
      float s37 = 0f;
      for (int i = 0; i < inner; i++) {
        float w0 = weight[w];
        float w1 = weight[w + 1];
        float w2 = weight[w + 2];
        float w3 = weight[w + 3];
        float w4 = weight[w + 4];
        float w5 = weight[w + 5];
        float w6 = weight[w + 6];
        float w7 = weight[w + 7];
        float a = x[x0 + i];
        s00 += a * w0;
        s01 += a * w1;
        s02 += a * w2;
        s03 += a * w3;
        s04 += a * w4;
        s05 += a * w5;
        s06 += a * w6;
        s07 += a * w7;
        a = x[x1 + i];
        s10 += a * w0;
        s11 += a * w1;
        s12 += a * w2;
        s13 += a * w3;
        s14 += a * w4;
        s15 += a * w5;
        s16 += a * w6;
        s17 += a * w7;
        a = x[x2 + i];
        s20 += a * w0;
        s21 += a * w1;
        s22 += a * w2;
        s23 += a * w3;
        s24 += a * w4;
        s25 += a * w5;
        s26 += a * w6;
        s27 += a * w7;
        a = x[x3 + i];
        s30 += a * w0;
        s31 += a * w1;
        s32 += a * w2;
        s33 += a * w3;
        s34 += a * w4;
        s35 += a * w5;
        s36 += a * w6;
        s37 += a * w7;
        w += Layout.PANEL;
      }
      float b0 = bias[column];
      float b1 = bias[column + 1];
      float b2 = bias[column + 2];
      float b3 = bias[column + 3];
      float b4 = bias[column + 4];
      float b5 = bias[column + 5];
      float b6 = bias[column + 6];
      float b7 = bias[column + 7];
      int at = row * stride + column;
      y[at] = ActivationKernels.apply(activation, s00 + b0);
      y[at + 1] = ActivationKernels.apply(activation, s01 + b1);
      y[at + 2] = ActivationKernels.apply(activation, s02 + b2);
      y[at + 3] = ActivationKernels.apply(activation, s03 + b3);
      y[at + 4] = ActivationKernels.apply(activation, s04 + b4);
      y[at + 5] = ActivationKernels.apply(activation, s05 + b5);
      y[at + 6] = ActivationKernels.apply(activation, s06 + b6);
      y[at + 7] = ActivationKernels.apply(activation, s07 + b7);
      at += stride;
      y[at] = ActivationKernels.apply(activation, s10 + b0);
      y[at + 1] = ActivationKernels.apply(activation, s11 + b1);
      y[at + 2] = ActivationKernels.apply(activation, s12 + b2);
      y[at + 3] = ActivationKernels.apply(activation, s13 + b3);
      y[at + 4] = ActivationKernels.apply(activation, s14 + b4);
      y[at + 5] = ActivationKernels.apply(activation, s15 + b5);
      y[at + 6] = ActivationKernels.apply(activation, s16 + b6);
      y[at + 7] = ActivationKernels.apply(activation, s17 + b7);
      at += stride;
      y[at] = ActivationKernels.apply(activation, s20 + b0);
      y[at + 1] = ActivationKernels.apply(activation, s21 + b1);
      y[at + 2] = ActivationKernels.apply(activation, s22 + b2);
      y[at + 3] = ActivationKernels.apply(activation, s23 + b3);
      y[at + 4] = ActivationKernels.apply(activation, s24 + b4);
      y[at + 5] = ActivationKernels.apply(activation, s25 + b5);
      y[at + 6] = ActivationKernels.apply(activation, s26 + b6);
      y[at + 7] = ActivationKernels.apply(activation, s27 + b7);
      at += stride;
      y[at] = ActivationKernels.apply(activation, s30 + b0);
      y[at + 1] = ActivationKernels.apply(activation, s31 + b1);
      y[at + 2] = ActivationKernels.apply(activation, s32 + b2);
      y[at + 3] = ActivationKernels.apply(activation, s33 + b3);
      y[at + 4] = ActivationKernels.apply(activation, s34 + b4);
      y[at + 5] = ActivationKernels.apply(activation, s35 + b5);
      y[at + 6] = ActivationKernels.apply(activation, s36 + b6);
      y[at + 7] = ActivationKernels.apply(activation, s37 + b7);
    }
  }

  /**
   * y = residual + W x + b, with the parameters of {@link #linear}.
   *
   * @param residual lies as {@code y}, and may be the same array
   */
  public static void linearResidual(
      float[] x,
      float[] weight,
      float[] bias,
      float[] residual,
      float[] y,
      int inner,
      int xStride,
      int stride,
      int rowGroups,
      int firstColumn,
      int from,
      int to) {
    for (@Parallel int tile = from; tile < to; tile++) {
      int strip = tile / rowGroups;
      int row = (tile - strip * rowGroups) * Layout.ROWS;
      int column = firstColumn + strip * Layout.COLUMNS;
      int w = column / Layout.PANEL * inner * Layout.PANEL + column % Layout.PANEL;
      int x0 = row * xStride;
      int x1 = x0 + xStride;
      int x2 = x1 + xStride;
      int x3 = x2 + xStride;
      float s00 = 0f;
      float s01 = 0f;
      float s02 = 0f;
      float s03 = 0f;
      float s04 = 0f;
      float s05 = 0f;
      float s06 = 0f;
      float s07 = 0f;
      float s10 = 0f;
      float s11 = 0f;
      float s12 = 0f;
      float s13 = 0f;
      float s14 = 0f;
      float s15 = 0f;
      float s16 = 0f;
      float s17 = 0f;
      float s20 = 0f;
      float s21 = 0f;
      float s22 = 0f;
      float s23 = 0f;
      float s24 = 0f;
      float s25 = 0f;
      float s26 = 0f;
      float s27 = 0f;
      float s30 = 0f;
      float s31 = 0f;
      float s32 = 0f;
      float s33 = 0f;
      float s34 = 0f;
      float s35 = 0f;
      float s36 = 0f;
      float s37 = 0f;
      for (int i = 0; i < inner; i++) {
        float w0 = weight[w];
        float w1 = weight[w + 1];
        float w2 = weight[w + 2];
        float w3 = weight[w + 3];
        float w4 = weight[w + 4];
        float w5 = weight[w + 5];
        float w6 = weight[w + 6];
        float w7 = weight[w + 7];
        float a = x[x0 + i];
        s00 += a * w0;
        s01 += a * w1;
        s02 += a * w2;
        s03 += a * w3;
        s04 += a * w4;
        s05 += a * w5;
        s06 += a * w6;
        s07 += a * w7;
        a = x[x1 + i];
        s10 += a * w0;
        s11 += a * w1;
        s12 += a * w2;
        s13 += a * w3;
        s14 += a * w4;
        s15 += a * w5;
        s16 += a * w6;
        s17 += a * w7;
        a = x[x2 + i];
        s20 += a * w0;
        s21 += a * w1;
        s22 += a * w2;
        s23 += a * w3;
        s24 += a * w4;
        s25 += a * w5;
        s26 += a * w6;
        s27 += a * w7;
        a = x[x3 + i];
        s30 += a * w0;
        s31 += a * w1;
        s32 += a * w2;
        s33 += a * w3;
        s34 += a * w4;
        s35 += a * w5;
        s36 += a * w6;
        s37 += a * w7;
        w += Layout.PANEL;
      }
      float b0 = bias[column];
      float b1 = bias[column + 1];
      float b2 = bias[column + 2];
      float b3 = bias[column + 3];
      float b4 = bias[column + 4];
      float b5 = bias[column + 5];
      float b6 = bias[column + 6];
      float b7 = bias[column + 7];
      int at = row * stride + column;
      y[at] = residual[at] + (s00 + b0);
      y[at + 1] = residual[at + 1] + (s01 + b1);
      y[at + 2] = residual[at + 2] + (s02 + b2);
      y[at + 3] = residual[at + 3] + (s03 + b3);
      y[at + 4] = residual[at + 4] + (s04 + b4);
      y[at + 5] = residual[at + 5] + (s05 + b5);
      y[at + 6] = residual[at + 6] + (s06 + b6);
      y[at + 7] = residual[at + 7] + (s07 + b7);
      at += stride;
      y[at] = residual[at] + (s10 + b0);
      y[at + 1] = residual[at + 1] + (s11 + b1);
      y[at + 2] = residual[at + 2] + (s12 + b2);
      y[at + 3] = residual[at + 3] + (s13 + b3);
      y[at + 4] = residual[at + 4] + (s14 + b4);
      y[at + 5] = residual[at + 5] + (s15 + b5);
      y[at + 6] = residual[at + 6] + (s16 + b6);
      y[at + 7] = residual[at + 7] + (s17 + b7);
      at += stride;
      y[at] = residual[at] + (s20 + b0);
      y[at + 1] = residual[at + 1] + (s21 + b1);
      y[at + 2] = residual[at + 2] + (s22 + b2);
      y[at + 3] = residual[at + 3] + (s23 + b3);
      y[at + 4] = residual[at + 4] + (s24 + b4);
      y[at + 5] = residual[at + 5] + (s25 + b5);
      y[at + 6] = residual[at + 6] + (s26 + b6);
      y[at + 7] = residual[at + 7] + (s27 + b7);
      at += stride;
      y[at] = residual[at] + (s30 + b0);
      y[at + 1] = residual[at + 1] + (s31 + b1);
      y[at + 2] = residual[at + 2] + (s32 + b2);
      y[at + 3] = residual[at + 3] + (s33 + b3);
      y[at + 4] = residual[at + 4] + (s34 + b4);
      y[at + 5] = residual[at + 5] + (s35 + b5);
      y[at + 6] = residual[at + 6] + (s36 + b6);
      y[at + 7] = residual[at + 7] + (s37 + b7);
    }
  }
}
