package io.github.vit4j.backend.tornado.kernels;

import uk.ac.manchester.tornado.api.annotations.Parallel;

/**
 * Linear layers for processors under TornadoVM: four rows and {@link #STRIP} neighbouring outputs
 * at a time, whose sums the compiler of a device keeps in registers, so that each number that is
 * read from memory is used in four or sixteen products. A tile is one such block; tiles are counted
 * row group by row group, then strip by strip of outputs, so that neighbours share a strip of the
 * weight. Matrices lie as {@link Layout} says.
 */
public final class MatrixKernels {
  /** Neighbouring outputs that are computed together. */
  public static final int STRIP = 16;

  /** Inputs that are added up by themselves: the longer a sum, the more its rounding adds up. */
  private static final int PART = 128;

  private MatrixKernels() {}

  /**
   * y = activation(W x + b), or y = residual + W x + b. Loops over {@link #STRIP} are unrolled by
   * TornadoVM, and what they do is then put into vectors by the device's compiler.
   *
   * @param x rows of {@code inner} features, {@code xStride} apart
   * @param weight panels
   * @param bias one number per output, with padding; zeros where the layer has none
   * @param residual lies as {@code y}, and may be the same array; not read unless {@code added}
   * @param y result, rows {@code stride} apart
   * @param rowGroups groups of {@link Layout#ROWS} rows
   * @param firstColumn the first output of tile 0
   * @param activation one of {@link ActivationKernels}; {@code LINEAR} with a residual
   * @param added 1 if there is a residual, else 0
   * @param from the first tile
   * @param to the tile behind the last
   */
  public static void linear(
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
      int activation,
      int added,
      int from,
      int to) {
    for (@Parallel int index = 0; index < to - from; index++) {
      int tile = from + index;
      int strip = tile / rowGroups;
      int row = (tile - strip * rowGroups) * Layout.ROWS;
      int column = firstColumn + strip * STRIP;
      int w = column / Layout.PANEL * inner * Layout.PANEL + column % Layout.PANEL;
      int x0 = row * xStride;
      int x1 = x0 + xStride;
      int x2 = x1 + xStride;
      int x3 = x2 + xStride;
      float[] s0 = new float[STRIP];
      float[] s1 = new float[STRIP];
      float[] s2 = new float[STRIP];
      float[] s3 = new float[STRIP];
      float[] part0 = new float[STRIP];
      float[] part1 = new float[STRIP];
      float[] part2 = new float[STRIP];
      float[] part3 = new float[STRIP];
      for (int j = 0; j < STRIP; j++) {
        s0[j] = 0f; // a device does not do it
        s1[j] = 0f;
        s2[j] = 0f;
        s3[j] = 0f;
      }
      for (int first = 0; first < inner; first += PART) {
        int end = first + PART < inner ? first + PART : inner;
        for (int j = 0; j < STRIP; j++) {
          part0[j] = 0f;
          part1[j] = 0f;
          part2[j] = 0f;
          part3[j] = 0f;
        }
        for (int i = first; i < end; i++) {
          float a0 = x[x0 + i];
          float a1 = x[x1 + i];
          float a2 = x[x2 + i];
          float a3 = x[x3 + i];
          for (int j = 0; j < STRIP; j++) {
            float weightOfOutput = weight[w + j];
            part0[j] += a0 * weightOfOutput;
            part1[j] += a1 * weightOfOutput;
            part2[j] += a2 * weightOfOutput;
            part3[j] += a3 * weightOfOutput;
          }
          w += Layout.PANEL;
        }
        for (int j = 0; j < STRIP; j++) {
          s0[j] += part0[j];
          s1[j] += part1[j];
          s2[j] += part2[j];
          s3[j] += part3[j];
        }
      }
      int y0 = row * stride + column;
      int y1 = y0 + stride;
      int y2 = y1 + stride;
      int y3 = y2 + stride;
      if (added == 1) {
        for (int j = 0; j < STRIP; j++) {
          float b = bias[column + j];
          y[y0 + j] = residual[y0 + j] + (s0[j] + b);
          y[y1 + j] = residual[y1 + j] + (s1[j] + b);
          y[y2 + j] = residual[y2 + j] + (s2[j] + b);
          y[y3 + j] = residual[y3 + j] + (s3[j] + b);
        }
      } else {
        for (int j = 0; j < STRIP; j++) {
          float b = bias[column + j];
          y[y0 + j] = s0[j] + b;
          y[y1 + j] = s1[j] + b;
          y[y2 + j] = s2[j] + b;
          y[y3 + j] = s3[j] + b;
        }
        if ((activation & ActivationKernels.LINEAR) == 0) {
          for (int r = 0; r < Layout.ROWS; r++) {
            for (int j = 0; j < STRIP; j++) {
              int at = y0 + r * stride + j;
              float first = ActivationKernels.applyErfOrTanh(activation, y[at]);
              y[at] = ActivationKernels.applyOther(activation, first);
            }
          }
        }
      }
    }
  }
}
