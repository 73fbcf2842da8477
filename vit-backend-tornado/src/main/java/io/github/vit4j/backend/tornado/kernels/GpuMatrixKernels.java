package io.github.vit4j.backend.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;

/**
 * Linear layers for GPUs under TornadoVM: a work-group computes a tile of {@link #ROWS} rows and
 * one panel of outputs, {@link #INNER} inputs at a time, which it shares in local memory; each of
 * its threads computes four rows and four outputs in registers. Matrices lie as {@link Layout}
 * says.
 */
public final class GpuMatrixKernels {
  /** Rows of a tile. */
  public static final int ROWS = 64;

  /** Threads of a work-group: 16 for the rows, four each, times 16 for the outputs. */
  public static final int GROUP = 256;

  /** Inputs of a tile. */
  private static final int INNER = 16;

  /** Between rows of the inputs in local memory: odd, so that they lie in different banks. */
  private static final int X_STRIDE = INNER + 1;

  /** Inputs that are added up by themselves: the longer a sum, the more its rounding adds up. */
  private static final int PART = 8 * INNER;

  private static final int X_LENGTH = ROWS * X_STRIDE;
  private static final int WEIGHT_LENGTH = INNER * Layout.PANEL;

  private GpuMatrixKernels() {}

  /** Work-groups for {@code rows} rows of {@code panels} panels. */
  public static int groups(int rows, int panels) {
    return Math.multiplyExact(Math.ceilDiv(rows, ROWS), panels);
  }

  /**
   * y = activation(W x + b), or y = residual + W x + b. One work-group of {@link #GROUP} threads
   * for each tile; tiles are counted panel by panel.
   *
   * @param x rows of {@code inner} features, {@code xStride} apart
   * @param weight panels
   * @param bias one number per output, with padding; zeros where the layer has none
   * @param residual lies as {@code y}, and may be the same array; not read unless {@code added}
   * @param y result, rows {@code stride} apart
   * @param rows how many
   * @param firstPanel the panel of the first tile
   * @param panels how many
   * @param activation one of {@link ActivationKernels}; {@code LINEAR} with a residual
   * @param added 1 if there is a residual, else 0
   */
  public static void linear(
      KernelContext context,
      float[] x,
      float[] weight,
      float[] bias,
      float[] residual,
      float[] y,
      int inner,
      int xStride,
      int stride,
      int rows,
      int firstPanel,
      int panels,
      int activation,
      int added) {
    int thread = context.localIdx;
    int rowTile = context.groupIdx / panels;
    int panel = firstPanel + context.groupIdx - rowTile * panels;
    int firstRow = rowTile * ROWS;
    int w = panel * inner * Layout.PANEL;
    int threadRow = thread / 16 * 4;
    int threadColumn = thread % 16;
    float[] xTile = context.allocateFloatLocalArray(X_LENGTH);
    float[] weightTile = context.allocateFloatLocalArray(WEIGHT_LENGTH);
    float s00 = 0f;
    float s01 = 0f;
    float s02 = 0f;
    float s03 = 0f;
    float s10 = 0f;
    float s11 = 0f;
    float s12 = 0f;
    float s13 = 0f;
    float s20 = 0f;
    float s21 = 0f;
    float s22 = 0f;
    float s23 = 0f;
    float s30 = 0f;
    float s31 = 0f;
    float s32 = 0f;
    float s33 = 0f;
    float t00 = 0f;
    float t01 = 0f;
    float t02 = 0f;
    float t03 = 0f;
    float t10 = 0f;
    float t11 = 0f;
    float t12 = 0f;
    float t13 = 0f;
    float t20 = 0f;
    float t21 = 0f;
    float t22 = 0f;
    float t23 = 0f;
    float t30 = 0f;
    float t31 = 0f;
    float t32 = 0f;
    float t33 = 0f;
    for (int first = 0; first < inner; first += INNER) {
      if (first % PART == 0) {
        t00 += s00;
        s00 = 0f;
        t01 += s01;
        s01 = 0f;
        t02 += s02;
        s02 = 0f;
        t03 += s03;
        s03 = 0f;
        t10 += s10;
        s10 = 0f;
        t11 += s11;
        s11 = 0f;
        t12 += s12;
        s12 = 0f;
        t13 += s13;
        s13 = 0f;
        t20 += s20;
        s20 = 0f;
        t21 += s21;
        s21 = 0f;
        t22 += s22;
        s22 = 0f;
        t23 += s23;
        s23 = 0f;
        t30 += s30;
        s30 = 0f;
        t31 += s31;
        s31 = 0f;
        t32 += s32;
        s32 = 0f;
        t33 += s33;
        s33 = 0f;
      }
      for (int part = 0; part < 4; part++) {
        int element = part * GROUP + thread;
        int row = element / INNER;
        int i = element - row * INNER;
        float value = 0f;
        if (firstRow + row < rows && first + i < inner) {
          value = x[(firstRow + row) * xStride + first + i];
        }
        xTile[row * X_STRIDE + i] = value;
        int input = first + element / Layout.PANEL;
        float factor = 0f;
        if (input < inner) {
          factor = weight[w + input * Layout.PANEL + element % Layout.PANEL];
        }
        weightTile[element] = factor;
      }
      context.localBarrier();
      for (int i = 0; i < INNER; i++) {
        int xAt = threadRow * X_STRIDE + i;
        float a0 = xTile[xAt];
        float a1 = xTile[xAt + X_STRIDE];
        float a2 = xTile[xAt + 2 * X_STRIDE];
        float a3 = xTile[xAt + 3 * X_STRIDE];
        int wAt = i * Layout.PANEL + threadColumn;
        float w0 = weightTile[wAt];
        float w1 = weightTile[wAt + 16];
        float w2 = weightTile[wAt + 32];
        float w3 = weightTile[wAt + 48];
        s00 += a0 * w0;
        s01 += a0 * w1;
        s02 += a0 * w2;
        s03 += a0 * w3;
        s10 += a1 * w0;
        s11 += a1 * w1;
        s12 += a1 * w2;
        s13 += a1 * w3;
        s20 += a2 * w0;
        s21 += a2 * w1;
        s22 += a2 * w2;
        s23 += a2 * w3;
        s30 += a3 * w0;
        s31 += a3 * w1;
        s32 += a3 * w2;
        s33 += a3 * w3;
      }
      context.localBarrier();
    }
    int column = panel * Layout.PANEL + threadColumn;
    float b0 = bias[column];
    float b1 = bias[column + 16];
    float b2 = bias[column + 32];
    float b3 = bias[column + 48];
    int row = firstRow + threadRow;
    int at = row * stride + column;
    int written = rows - row < 4 ? rows - row : 4;
    if (written > 0) {
      y[at] = finish(t00 + s00 + b0, residual, at, added);
      y[at + 16] = finish(t01 + s01 + b1, residual, at + 16, added);
      y[at + 32] = finish(t02 + s02 + b2, residual, at + 32, added);
      y[at + 48] = finish(t03 + s03 + b3, residual, at + 48, added);
    }
    if (written > 1) {
      int at1 = at + stride;
      y[at1] = finish(t10 + s10 + b0, residual, at1, added);
      y[at1 + 16] = finish(t11 + s11 + b1, residual, at1 + 16, added);
      y[at1 + 32] = finish(t12 + s12 + b2, residual, at1 + 32, added);
      y[at1 + 48] = finish(t13 + s13 + b3, residual, at1 + 48, added);
    }
    if (written > 2) {
      int at2 = at + 2 * stride;
      y[at2] = finish(t20 + s20 + b0, residual, at2, added);
      y[at2 + 16] = finish(t21 + s21 + b1, residual, at2 + 16, added);
      y[at2 + 32] = finish(t22 + s22 + b2, residual, at2 + 32, added);
      y[at2 + 48] = finish(t23 + s23 + b3, residual, at2 + 48, added);
    }
    if (written > 3) {
      int at3 = at + 3 * stride;
      y[at3] = finish(t30 + s30 + b0, residual, at3, added);
      y[at3 + 16] = finish(t31 + s31 + b1, residual, at3 + 16, added);
      y[at3 + 32] = finish(t32 + s32 + b2, residual, at3 + 32, added);
      y[at3 + 48] = finish(t33 + s33 + b3, residual, at3 + 48, added);
    }
    if ((activation & ActivationKernels.LINEAR) == 0) {
      // In one place: all functions are in the kernel until its scalars are known.
      for (int r = 0; r < written; r++) {
        for (int c = 0; c < Layout.PANEL; c += 16) {
          int own = at + r * stride + c;
          float half = ActivationKernels.applyErfOrTanh(activation, y[own]);
          y[own] = ActivationKernels.applyOther(activation, half);
        }
      }
    }
  }

  /**
   * What follows a matrix product that something else did: y = activation(y + b), or y = residual +
   * y + b. One thread for each number.
   *
   * @param bias one number per output, with padding
   * @param residual lies as {@code y}; not read unless {@code added}
   * @param y the product before, the result after; rows {@code stride} apart
   * @param width numbers of a row
   * @param count how many numbers
   * @param activation one of {@link ActivationKernels}; {@code LINEAR} with a residual
   * @param added 1 if there is a residual, else 0
   */
  public static void epilogue(
      KernelContext context,
      float[] bias,
      float[] residual,
      float[] y,
      int width,
      int stride,
      int count,
      int activation,
      int added) {
    int index = context.globalIdx;
    if (index < count) {
      int row = index / width;
      int column = index - row * width;
      int at = row * stride + column;
      float sum = finish(y[at] + bias[column], residual, at, added);
      float half = ActivationKernels.applyErfOrTanh(activation, sum);
      y[at] = ActivationKernels.applyOther(activation, half);
    }
  }

  private static float finish(float sum, float[] residual, int at, int added) {
    if (added == 1) {
      return residual[at] + sum;
    }
    return sum;
  }
}
