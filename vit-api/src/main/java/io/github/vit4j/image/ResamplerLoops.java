package io.github.vit4j.image;

/**
 * The two passes of {@link Resampler}: {@code ImagingResampleHorizontal_8bpc} and {@code
 * ImagingResampleVertical_8bpc} of Pillow's src/libImaging/Resample.c. All implementations give the
 * same bytes.
 *
 * <p>Thread-safety: no state.
 */
interface ResamplerLoops {
  /**
   * Stretches rows {@code firstRow} to {@code lastRow - 1}.
   *
   * @param in interleaved levels of pictures of {@code inWidth} columns
   * @param channels 1 or 3
   * @param out takes {@code channels * weights.outSize} levels for each of these rows
   */
  void horizontal(
      byte[] in,
      int inWidth,
      int firstRow,
      int lastRow,
      int channels,
      ResamplerWeights weights,
      byte[] out);

  /**
   * Stretches columns.
   *
   * @param in rows of {@code stride} levels, of which the first is the picture's row {@code
   *     firstRow}
   * @param out takes {@code weights.outSize} rows
   */
  void vertical(byte[] in, int stride, int firstRow, ResamplerWeights weights, byte[] out);

  /**
   * Both passes: only the rows that the vertical one reads are stretched horizontally.
   *
   * @param in interleaved levels of pictures of {@code inWidth} columns
   * @param channels 1 or 3
   * @param out takes {@code vertical.outSize} rows of {@code channels * horizontal.outSize} levels
   */
  default void both(
      byte[] in,
      int inWidth,
      int channels,
      ResamplerWeights horizontal,
      ResamplerWeights vertical,
      byte[] out) {
    int stride = channels * horizontal.outSize;
    int firstRow = vertical.first[0];
    int lastRow = vertical.end();
    byte[] narrowed = new byte[Math.multiplyExact(lastRow - firstRow, stride)];
    horizontal(in, inWidth, firstRow, lastRow, channels, horizontal, narrowed);
    vertical(narrowed, stride, firstRow, vertical, out);
  }
}
