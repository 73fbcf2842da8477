package io.github.vit4j.backend.tornado;

import io.github.vit4j.backend.tornado.kernels.ActivationKernels;
import io.github.vit4j.backend.tornado.kernels.Elementary;
import io.github.vit4j.backend.tornado.kernels.Layout;
import io.github.vit4j.backend.tornado.kernels.TokenKernels;

/** Loops that HotSpot's compiler C2 turns into vector instructions by itself. */
final class PlainArithmetic implements Arithmetic {
  @Override
  public String description() {
    return "plain Java";
  }

  /**
   * Sums in double: C2 must assume that two arrays of floats are the same one and then vectorises
   * nothing that stores to one and loads from the other; a double[] cannot be a float[]. Two inputs
   * at a time share a load and a store of each sum.
   */
  @Override
  public void product(
      float[] x, int xStart, int xStride, float[] panels, int panelStart, int inner, float[] tile) {
    double[] sums = new double[TILE];
    int even = inner & ~1;
    for (int i = 0; i < even; i += 2) {
      addPair(x, xStart + i, xStride, panels, panelStart + i * Layout.PANEL, sums);
    }
    if (even < inner) {
      addOne(x, xStart + even, xStride, panels, panelStart + even * Layout.PANEL, sums);
    }
    for (int i = 0; i < TILE; i++) {
      tile[i] = (float) sums[i];
    }
  }

  private static void addPair(
      float[] x, int x0, int xStride, float[] panels, int w, double[] sums) {
    int x1 = x0 + xStride;
    int x2 = x1 + xStride;
    int x3 = x2 + xStride;
    double a0 = x[x0];
    double a1 = x[x1];
    double a2 = x[x2];
    double a3 = x[x3];
    double b0 = x[x0 + 1];
    double b1 = x[x1 + 1];
    double b2 = x[x2 + 1];
    double b3 = x[x3 + 1];
    for (int j = 0; j < Layout.PANEL; j++) {
      double u = panels[w + j];
      double v = panels[w + Layout.PANEL + j];
      sums[j] = Math.fma(b0, v, Math.fma(a0, u, sums[j]));
      sums[j + Layout.PANEL] = Math.fma(b1, v, Math.fma(a1, u, sums[j + Layout.PANEL]));
      sums[j + 2 * Layout.PANEL] = Math.fma(b2, v, Math.fma(a2, u, sums[j + 2 * Layout.PANEL]));
      sums[j + 3 * Layout.PANEL] = Math.fma(b3, v, Math.fma(a3, u, sums[j + 3 * Layout.PANEL]));
    }
  }

  private static void addOne(float[] x, int x0, int xStride, float[] panels, int w, double[] sums) {
    double a0 = x[x0];
    double a1 = x[x0 + xStride];
    double a2 = x[x0 + 2 * xStride];
    double a3 = x[x0 + 3 * xStride];
    for (int j = 0; j < Layout.PANEL; j++) {
      double u = panels[w + j];
      sums[j] = Math.fma(a0, u, sums[j]);
      sums[j + Layout.PANEL] = Math.fma(a1, u, sums[j + Layout.PANEL]);
      sums[j + 2 * Layout.PANEL] = Math.fma(a2, u, sums[j + 2 * Layout.PANEL]);
      sums[j + 3 * Layout.PANEL] = Math.fma(a3, u, sums[j + 3 * Layout.PANEL]);
    }
  }

  @Override
  public void activate(
      float[] tile,
      float[] bias,
      int biasStart,
      int activation,
      float[] y,
      int yStart,
      int stride) {
    for (int row = 0; row < Layout.ROWS; row++) {
      for (int j = 0; j < Layout.PANEL; j++) {
        float x = tile[row * Layout.PANEL + j] + bias[biasStart + j];
        y[yStart + row * stride + j] = ActivationKernels.apply(activation, x);
      }
    }
  }

  @Override
  public void addResidual(
      float[] tile,
      float[] bias,
      int biasStart,
      float[] residual,
      float[] y,
      int yStart,
      int stride) {
    for (int row = 0; row < Layout.ROWS; row++) {
      int at = yStart + row * stride;
      for (int j = 0; j < Layout.PANEL; j++) {
        y[at + j] = residual[at + j] + (tile[row * Layout.PANEL + j] + bias[biasStart + j]);
      }
    }
  }

  @Override
  public void softmax(float[] scores, int start, int length, float scale) {
    float largest = Float.NEGATIVE_INFINITY;
    for (int i = start; i < start + length; i++) {
      largest = Math.max(largest, scores[i]);
    }
    float sum = 0;
    for (int i = start; i < start + length; i++) {
      float e = Elementary.exp((scores[i] - largest) * scale);
      scores[i] = e;
      sum += e;
    }
    float share = 1 / sum;
    for (int i = start; i < start + length; i++) {
      scores[i] *= share;
    }
  }

  @Override
  public void layerNorm(
      float[] x,
      NormWeights weights,
      float[] y,
      int step,
      int width,
      int stride,
      float epsilon,
      int from,
      int to) {
    TokenKernels.layerNorm(
        x, weights.weight(), weights.bias(), y, step, width, stride, epsilon, from, to);
  }
}
