package io.github.vit4j.backend.tornado.kernels;

import uk.ac.manchester.tornado.api.annotations.Parallel;

/**
 * Linear layers for processors under TornadoVM, in the way of {@link TileProduct}. Tiles are
 * counted strip of outputs by strip, and from the first to the last rows within. Matrices lie as
 * {@link Layout} says.
 */
public final class MatrixKernels {
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
   * @param tileGroups how many of them a tile has, {@link TileProduct#MOST_GROUPS} at most
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
      int left = rowGroups - firstGroup;
      int rows = (left < tileGroups ? left : tileGroups) * Layout.ROWS;
      int column = firstColumn + strip * TileProduct.STRIP;
      int w = column / Layout.PANEL * inner * Layout.PANEL + column % Layout.PANEL;
      float[] columns = new float[TileProduct.COLUMNS];
      float[] sums = new float[TileProduct.SUMS];
      TileProduct.multiply(
          x,
          firstGroup * Layout.ROWS * xStride,
          xStride,
          rows,
          weight,
          w,
          Layout.PANEL,
          1,
          TileProduct.STRIP,
          inner,
          columns,
          sums);
      for (int j = 0; j < TileProduct.STRIP; j++) {
        columns[j] = bias[column + j];
      }
      for (int row = 0; row < rows; row++) {
        for (int j = 0; j < TileProduct.STRIP; j++) {
          sums[row * TileProduct.STRIP + j] += columns[j];
        }
      }
      if ((activation & ActivationKernels.LINEAR) == 0) {
        for (int i = 0; i < rows * TileProduct.STRIP; i++) {
          sums[i] =
              ActivationKernels.applyOther(
                  activation, ActivationKernels.applyErfOrTanh(activation, sums[i]));
        }
      }
      int target = firstGroup * Layout.ROWS * stride + column;
      for (int row = 0; row < rows; row++) {
        if (added == 1) {
          for (int j = 0; j < TileProduct.STRIP; j++) {
            y[target + j] = residual[target + j] + sums[row * TileProduct.STRIP + j];
          }
        } else {
          for (int j = 0; j < TileProduct.STRIP; j++) {
            y[target + j] = sums[row * TileProduct.STRIP + j];
          }
        }
        target += stride;
      }
    }
  }
}
