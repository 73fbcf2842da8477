package io.github.vit4j.backend.tornado.kernels;

/**
 * The core of matrix products for processors under TornadoVM: four rows times {@link #STRIP}
 * columns, whose sums the compiler of a device keeps in registers, so that each number that is read
 * is used in four or sixteen products.
 *
 * <p>TornadoVM computes the addresses of its parameters' elements as integers, which hides from the
 * compiler of a device that neighbours lie side by side: it loads them one by one, or gathers them.
 * Arrays that a kernel makes are arrays to that compiler, too, and read and written in vectors. So
 * columns are copied to such an array, for many rows to be multiplied with them, and sums stay in
 * another one until they are complete. Loops over {@link #STRIP} are unrolled by TornadoVM.
 */
final class TileProduct {
  /** Columns that are computed together. */
  static final int STRIP = 16;

  /**
   * Products that are added up by themselves: the longer a sum, the more its rounding adds up; and
   * the length of the columns that are copied.
   */
  static final int PART = 128;

  /** Numbers in a copy of columns. */
  static final int STAGED = PART * STRIP;

  /** Numbers of a group of four rows. */
  static final int GROUP = Layout.ROWS * STRIP;

  /** Groups that a kernel computes with one copy: their sums and that copy fit a core's cache. */
  static final int MOST_GROUPS = 64;

  /** Numbers of all sums. */
  static final int SUMS = MOST_GROUPS * GROUP;

  private TileProduct() {}

  /**
   * Adds the products of four rows with the columns to their sums.
   *
   * @param a holds {@code count} numbers of each row, from {@code row0}, {@code row1}, {@code row2}
   *     and {@code row3} on
   * @param staged the numbers that belong to them, those of all columns side by side
   * @param count at most {@link #PART}
   * @param at where the sums of the four rows begin in {@code sums}
   */
  static void add(
      float[] a,
      int row0,
      int row1,
      int row2,
      int row3,
      float[] staged,
      int count,
      float[] sums,
      int at) {
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
      float a0 = a[row0 + i];
      float a1 = a[row1 + i];
      float a2 = a[row2 + i];
      float a3 = a[row3 + i];
      for (int j = 0; j < STRIP; j++) {
        float b = staged[i * STRIP + j];
        part0[j] += a0 * b;
        part1[j] += a1 * b;
        part2[j] += a2 * b;
        part3[j] += a3 * b;
      }
    }
    for (int j = 0; j < STRIP; j++) {
      sums[at + j] += part0[j];
      sums[at + STRIP + j] += part1[j];
      sums[at + 2 * STRIP + j] += part2[j];
      sums[at + 3 * STRIP + j] += part3[j];
    }
  }
}
