package io.github.vit4j.backend.tornado.kernels;

/**
 * How matrices lie in memory, so that no kernel has a tail to treat.
 *
 * <p>Activations are rows of features, one row per token. A row is followed by padding up to a
 * multiple of {@link #PANEL} features, and the last row by padding up to a multiple of {@link
 * #ROWS} rows; what the padding holds is never read into a result.
 *
 * <p>The weight of a linear layer, [out, in] in the checkpoint, is cut into panels of {@link
 * #PANEL} outputs, and each panel is stored input by input: {@code panels[(panel * in + i) * PANEL
 * + out % PANEL]}, with zeros for outputs that are not there. One input's weights for a whole panel
 * are so read from consecutive addresses.
 */
public final class Layout {
  /** Outputs per panel of a weight; rows of activations are multiples of it. */
  public static final int PANEL = 64;

  /** Rows that a matrix product computes together; activations have a multiple of it. */
  public static final int ROWS = 4;

  private Layout() {}

  /** The distance from row to row of {@code features} features. */
  public static int stride(int features) {
    return Math.multiplyExact(panels(features), PANEL);
  }

  /** How many panels hold {@code outputs} outputs. */
  public static int panels(int outputs) {
    return Math.ceilDiv(outputs, PANEL);
  }

  /** How many groups of {@link #ROWS} hold {@code rows} rows. */
  public static int rowGroups(int rows) {
    return Math.ceilDiv(rows, ROWS);
  }

  /** {@code rows} rounded up to whole groups. */
  public static int paddedRows(int rows) {
    return Math.multiplyExact(rowGroups(rows), ROWS);
  }
}
