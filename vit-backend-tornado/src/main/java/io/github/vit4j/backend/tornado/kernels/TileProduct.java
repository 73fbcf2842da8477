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

  /** Sets the sums of {@code rows} rows to 0, and of those that fill up their last group. */
  static void clear(float[] sums, int rows) {
    int count = (rows + Layout.ROWS - 1) / Layout.ROWS * Layout.ROWS * STRIP;
    for (int i = 0; i < count; i++) {
      sums[i] = 0f;
    }
  }

  /**
   * Adds the products of a tile's rows with its columns to their sums. A group that is not full has
   * its last row several times.
   *
   * @param a holds {@code count} numbers of each row
   * @param first where those of row 0 begin
   * @param stride the distance from row to row
   * @param columns the numbers that belong to them, those of all columns side by side
   * @param count at most {@link #PART}
   * @param sums row by row
   */
  static void add(
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
        part0[j] = 0f; // a device does not do it
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
