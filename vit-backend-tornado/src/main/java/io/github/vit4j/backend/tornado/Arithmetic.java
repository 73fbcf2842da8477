package io.github.vit4j.backend.tornado;

import io.github.vit4j.backend.tornado.kernels.Layout;

/**
 * The inner loops that take the time, in the shape that the JVM's compiler is good at; everything
 * else runs the kernels as they are. Numbers do not depend on how work is shared out. Thread-safe.
 */
interface Arithmetic {
  /** Numbers in a tile: {@link Layout#ROWS} rows of {@link Layout#PANEL}, without gaps. */
  int TILE = Layout.ROWS * Layout.PANEL;

  /** How it is done, for people. */
  String description();

  /**
   * The product of {@link Layout#ROWS} rows of {@code inner} features with a panel.
   *
   * @param x rows, {@code xStride} apart, the first at {@code xStart}
   * @param panels the panel begins at {@code panelStart}
   * @param tile result
   */
  void product(
      float[] x, int xStart, int xStride, float[] panels, int panelStart, int inner, float[] tile);

  /**
   * y = activation(tile + bias) for the numbers of a tile.
   *
   * @param tile room to work in as well: what it holds afterwards means nothing
   * @param bias {@link Layout#PANEL} numbers from {@code biasStart} on
   * @param y rows, {@code stride} apart, the first at {@code yStart}
   */
  void activate(
      float[] tile, float[] bias, int biasStart, int activation, float[] y, int yStart, int stride);

  /** y = residual + tile + bias; {@code residual} lies as {@code y} and may be the same array. */
  void addResidual(
      float[] tile,
      float[] bias,
      int biasStart,
      float[] residual,
      float[] y,
      int yStart,
      int stride);

  /** Replaces {@code length} scores x by softmax(scale x). */
  void softmax(float[] scores, int start, int length, float scale);

  /** {@code TokenKernels.layerNorm}. */
  void layerNorm(
      float[] x,
      NormWeights weights,
      float[] y,
      int step,
      int width,
      int stride,
      float epsilon,
      int from,
      int to);
}
