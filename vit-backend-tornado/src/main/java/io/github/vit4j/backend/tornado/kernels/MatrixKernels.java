package io.github.vit4j.backend.tornado.kernels;

import uk.ac.manchester.tornado.api.annotations.Parallel;

/**
 * Linear layers for processors under TornadoVM, in the way of {@link TileProduct}. A tile is {@link
 * #STRIP} neighbouring outputs of some groups of rows; tiles are counted strip by strip of outputs,
 * then group by group of the rows. Matrices lie as {@link Layout} says.
 */
public final class MatrixKernels {
  /** Neighbouring outputs that are computed together. */
  public static final int STRIP = TileProduct.STRIP;

  /** Groups of rows that a tile can have. */
  public static final int MOST_GROUPS = TileProduct.MOST_GROUPS;

  private MatrixKernels() {}

  /**
   * y = activation(W x + b), or y = residual + W x + b.
   *
   * @param x rows of {@code inner} features, {@code xStride} apart
   * @param weight panels
   * @param bias one number per output, with padding; zeros where the layer has none
   * @param residual lies as {@code y}, and may be the same array; not read unless {@code added}
   * @param y result, rows {@code stride} apart
   * @param rowGroups groups of {@link Layout#ROWS} rows
   * @param tileGroups how many of them a tile has, {@link #MOST_GROUPS} at most
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
      int tileGroups,
      int firstColumn,
      int activation,
      int added,
      int from,
      int to) {
    for (@Parallel int index = 0; index < to - from; index++) {
      int tile = from + index;
      int tilesPerStrip = (rowGroups + tileGroups - 1) / tileGroups;
      int strip = tile / tilesPerStrip;
      int firstGroup = (tile - strip * tilesPerStrip) * tileGroups;
      int groups = rowGroups - firstGroup < tileGroups ? rowGroups - firstGroup : tileGroups;
      int column = firstColumn + strip * STRIP;
      int w = column / Layout.PANEL * inner * Layout.PANEL + column % Layout.PANEL;
      float[] staged = new float[TileProduct.STAGED];
      float[] sums = new float[TileProduct.SUMS];
      for (int i = 0; i < groups * TileProduct.GROUP; i++) {
        sums[i] = 0f; // a device does not do it
      }
      int first = 0;
      while (first < inner) {
        int count = inner - first < TileProduct.PART ? inner - first : TileProduct.PART;
        for (int i = 0; i < count; i++) {
          for (int j = 0; j < STRIP; j++) {
            staged[i * STRIP + j] = weight[w + j];
          }
          w += Layout.PANEL;
        }
        for (int group = 0; group < groups; group++) {
          int x0 = (firstGroup + group) * Layout.ROWS * xStride + first;
          TileProduct.add(
              x,
              x0,
              x0 + xStride,
              x0 + 2 * xStride,
              x0 + 3 * xStride,
              staged,
              count,
              sums,
              group * TileProduct.GROUP);
        }
        first += count;
      }
      for (int j = 0; j < STRIP; j++) {
        staged[j] = bias[column + j];
      }
      for (int row = 0; row < groups * Layout.ROWS; row++) {
        for (int j = 0; j < STRIP; j++) {
          sums[row * STRIP + j] += staged[j];
        }
      }
      if ((activation & ActivationKernels.LINEAR) == 0) {
        for (int i = 0; i < groups * TileProduct.GROUP; i++) {
          sums[i] =
              ActivationKernels.applyOther(
                  activation, ActivationKernels.applyErfOrTanh(activation, sums[i]));
        }
      }
      int target = firstGroup * Layout.ROWS * stride + column;
      for (int row = 0; row < groups * Layout.ROWS; row++) {
        if (added == 1) {
          for (int j = 0; j < STRIP; j++) {
            y[target + j] = residual[target + j] + sums[row * STRIP + j];
          }
        } else {
          for (int j = 0; j < STRIP; j++) {
            y[target + j] = sums[row * STRIP + j];
          }
        }
        target += stride;
      }
    }
  }
}
