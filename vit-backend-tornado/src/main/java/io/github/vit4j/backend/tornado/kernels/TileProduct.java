package io.github.vit4j.backend.tornado.kernels;

/**
 * The core of matrix products for processors under TornadoVM: four rows times {@link #STRIP}
 * columns at a time, whose sums the compiler of a device keeps in registers, so that each number
 * that is read is used in four or sixteen products. A tile is some groups of four rows of such a
 * strip.
 *
 * <p>TornadoVM computes the addresses of its parameters' elements as integers, which hides from the
 * compiler of a device that neighbours lie side by side: it loads them one by one, or gathers them.
 * Arrays that a kernel makes are arrays to that compiler, too, and read and written in vectors. So
 * columns are copied to such an array, for many rows to be multiplied with them, and sums stay in
 * another one until they are complete. Loops over {@link #STRIP} are unrolled by TornadoVM.
 */
public final class TileProduct {
  /** Columns of a tile. */
  public static final int STRIP = 16;

  /** Groups of four rows that a tile can have: their sums and the copy fit a core's cache. */
  public static final int MOST_GROUPS = 64;

  /**
   * Products that are added up by themselves: the longer a sum, the more its rounding adds up; and
   * the length of the columns that are copied.
   */
  static final int PART = 128;

  /** Numbers in a copy of columns. */
  static final int COLUMNS = PART * STRIP;

  /** Numbers of a tile. */
  static final int SUMS = MOST_GROUPS * Layout.ROWS * STRIP;

  private TileProduct() {}

  /**
   * The products of a tile's rows with its columns. Rows that fill up the last group are computed
   * as if they were the last row, and columns beyond the last as if they were that.
   *
   * @param a holds the rows, {@code inner} numbers each
   * @param aFirst where row 0 begins
   * @param aStride the distance from row to row
   * @param b holds the columns, {@code inner} numbers each
   * @param bFirst where column 0 begins
   * @param bStride the distance from number to number of a column
   * @param bNext the distance from column to column
   * @param bColumns how many columns there are, also more than {@link #STRIP}
   * @param columns room for {@link #COLUMNS} numbers
   * @param sums result, row by row, with room for whole groups
   */
  static void multiply(
      float[] a,
      int aFirst,
      int aStride,
      int rows,
      float[] b,
      int bFirst,
      int bStride,
      int bNext,
      int bColumns,
      int inner,
      float[] columns,
      float[] sums) {
    int size = (rows + Layout.ROWS - 1) / Layout.ROWS * Layout.ROWS * STRIP;
    for (int i = 0; i < size; i++) {
      sums[i] = 0f; // a device does not do it
    }
    int first = 0;
    while (first < inner) {
      int count = inner - first < PART ? inner - first : PART;
      int from = bFirst + first * bStride;
      for (int i = 0; i < count; i++) {
        for (int j = 0; j < STRIP; j++) {
          columns[i * STRIP + j] = b[from + (j < bColumns ? j : bColumns - 1) * bNext];
        }
        from += bStride;
      }
      add(a, aFirst + first, aStride, rows, columns, count, sums);
      first += count;
    }
  }

  /**
   * Adds to the sums what {@code count} numbers of each row, from {@code first} on, make with those
   * of all columns side by side.
   */
  private static void add(
      float[] a, int first, int stride, int rows, float[] columns, int count, float[] sums) {
    for (int row = 0; row < rows; row += Layout.ROWS) {
      int a0 = first + row * stride;
      int a1 = first + (row + 1 < rows ? row + 1 : rows - 1) * stride;
      int a2 = first + (row + 2 < rows ? row + 2 : rows - 1) * stride;
      int a3 = first + (row + 3 < rows ? row + 3 : rows - 1) * stride;
      float[] part0 = new float[STRIP];
      float[] part1 = new float[STRIP];
      float[] part2 = new float[STRIP];
      float[] part3 = new float[STRIP];
      for (int j = 0; j < STRIP; j++) {
        part0[j] = 0f;
        part1[j] = 0f;
        part2[j] = 0f;
        part3[j] = 0f;
      }
      for (int i = 0; i < count; i++) {
        float f0 = a[a0 + i];
        float f1 = a[a1 + i];
        float f2 = a[a2 + i];
        float f3 = a[a3 + i];
        for (int j = 0; j < STRIP; j++) {
          float column = columns[i * STRIP + j];
          part0[j] += f0 * column;
          part1[j] += f1 * column;
          part2[j] += f2 * column;
          part3[j] += f3 * column;
        }
      }
      int sum = row * STRIP;
      for (int j = 0; j < STRIP; j++) {
        sums[sum + j] += part0[j];
        sums[sum + STRIP + j] += part1[j];
        sums[sum + 2 * STRIP + j] += part2[j];
        sums[sum + 3 * STRIP + j] += part3[j];
      }
    }
  }
}
