package io.github.vit4j.image;

import java.util.Arrays;
import java.util.Objects;

/**
 * Pillow's {@code Image.resize}, bit for bit: src/libImaging/Resample.c, and ImagingScaleAffine of
 * Geometry.c for {@link Resampling#NEAREST}.
 *
 * <p>The image is stretched horizontally, rounded to uint8, then stretched vertically; a pass whose
 * size does not change is left out. Weights are fixed-point numbers with 22 fraction bits.
 *
 * <p>Thread-safety: no state; every call works on the calling thread alone.
 */
public final class Resampler {
  private static final int PRECISION_BITS = 32 - 8 - 2;
  private static final int HALF = 1 << (PRECISION_BITS - 1);

  private Resampler() {}

  /**
   * The image at another size.
   *
   * @param width columns of the result, at least 1
   * @param height rows of the result, at least 1
   * @throws IllegalArgumentException if a side is below 1 or the result has more than 2^31 bytes
   */
  public static RgbImage resize(RgbImage image, int width, int height, Resampling resampling) {
    if (width == image.width() && height == image.height()) {
      return image;
    }
    byte[] resized =
        resize(image.rgb(), image.width(), image.height(), 3, width, height, resampling);
    return RgbImage.of(width, height, resized);
  }

  /**
   * One channel at another size.
   *
   * @param grey {@code width * height} unsigned levels, row by row
   * @return {@code newWidth * newHeight} levels; a new array even if the size stays
   * @throws IllegalArgumentException if a side is below 1, the array has another length or the
   *     result has more than 2^31 bytes
   */
  public static byte[] resizeGrey(
      byte[] grey, int width, int height, int newWidth, int newHeight, Resampling resampling) {
    if (grey.length != (long) width * height) {
      throw new IllegalArgumentException(
          "%dx%d levels expected, got %d".formatted(width, height, grey.length));
    }
    return resize(grey, width, height, 1, newWidth, newHeight, resampling);
  }

  private static byte[] resize(
      byte[] data,
      int inWidth,
      int inHeight,
      int channels,
      int outWidth,
      int outHeight,
      Resampling resampling) {
    Objects.requireNonNull(resampling, "resampling");
    if (outWidth < 1 || outHeight < 1 || inWidth < 1 || inHeight < 1) {
      throw new IllegalArgumentException(
          "not a size: %dx%d to %dx%d".formatted(inWidth, inHeight, outWidth, outHeight));
    }
    if ((long) channels * outWidth * outHeight > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException("too large: %dx%d".formatted(outWidth, outHeight));
    }
    if (outWidth == inWidth && outHeight == inHeight) {
      return data.clone();
    }
    if (resampling == Resampling.NEAREST) {
      return nearest(data, inWidth, inHeight, channels, outWidth, outHeight);
    }
    Weights vertical = Weights.of(inHeight, outHeight, resampling);
    byte[] current = data;
    // Only the rows that the vertical pass reads need the horizontal one.
    int firstRow = 0;
    if (outWidth != inWidth) {
      Weights horizontal = Weights.of(inWidth, outWidth, resampling);
      firstRow = vertical.first[0];
      int lastRow = vertical.first[outHeight - 1] + vertical.count[outHeight - 1];
      byte[] narrowed = new byte[Math.multiplyExact(channels * (lastRow - firstRow), outWidth)];
      horizontal(current, inWidth, firstRow, lastRow, channels, horizontal, narrowed);
      current = narrowed;
    }
    if (outHeight == inHeight) {
      return current;
    }
    byte[] out = new byte[channels * outWidth * outHeight];
    vertical(current, channels * outWidth, firstRow, vertical, out);
    return out;
  }

  private static void horizontal(
      byte[] in,
      int inWidth,
      int firstRow,
      int lastRow,
      int channels,
      Weights weights,
      byte[] out) {
    int outStride = channels * weights.outSize;
    for (int y = firstRow; y < lastRow; y += 2) {
      int row = channels * inWidth * y;
      int to = (y - firstRow) * outStride;
      // Two rows share each weight; for an odd last row the same row is computed twice.
      boolean pair = y + 1 < lastRow;
      int rowStep = pair ? channels * inWidth : 0;
      int toStep = pair ? outStride : 0;
      if (channels == 3) {
        horizontalRgb(in, row, rowStep, weights, out, to, toStep);
      } else {
        horizontalGrey(in, row, rowStep, weights, out, to, toStep);
      }
    }
  }

  private static void horizontalRgb(
      byte[] in, int row, int rowStep, Weights weights, byte[] out, int rowOut, int outStep) {
    int to = rowOut;
    for (int x = 0; x < weights.outSize; x++) {
      int k = x * weights.stride;
      int end = k + weights.count[x];
      int p = row + 3 * weights.first[x];
      int q = p + rowStep;
      int r0 = HALF;
      int g0 = HALF;
      int b0 = HALF;
      int r1 = HALF;
      int g1 = HALF;
      int b1 = HALF;
      for (; k < end; k++) {
        int w = weights.fixed[k];
        r0 += (in[p] & 0xff) * w;
        g0 += (in[p + 1] & 0xff) * w;
        b0 += (in[p + 2] & 0xff) * w;
        r1 += (in[q] & 0xff) * w;
        g1 += (in[q + 1] & 0xff) * w;
        b1 += (in[q + 2] & 0xff) * w;
        p += 3;
        q += 3;
      }
      out[to] = clip(r0);
      out[to + 1] = clip(g0);
      out[to + 2] = clip(b0);
      out[to + outStep] = clip(r1);
      out[to + outStep + 1] = clip(g1);
      out[to + outStep + 2] = clip(b1);
      to += 3;
    }
  }

  private static void horizontalGrey(
      byte[] in, int row, int rowStep, Weights weights, byte[] out, int rowOut, int outStep) {
    for (int x = 0; x < weights.outSize; x++) {
      int k = x * weights.stride;
      int end = k + weights.count[x];
      int p = row + weights.first[x];
      int v0 = HALF;
      int v1 = HALF;
      for (; k < end; k++) {
        int w = weights.fixed[k];
        v0 += (in[p] & 0xff) * w;
        v1 += (in[p + rowStep] & 0xff) * w;
        p++;
      }
      out[rowOut + x] = clip(v0);
      out[rowOut + x + outStep] = clip(v1);
    }
  }

  private static void vertical(byte[] in, int stride, int firstRow, Weights weights, byte[] out) {
    int[] sums = new int[stride];
    int to = 0;
    for (int y = 0; y < weights.outSize; y++) {
      Arrays.fill(sums, HALF);
      int k = y * weights.stride;
      int from = (weights.first[y] - firstRow) * stride;
      for (int end = k + weights.count[y]; k < end; k++) {
        accumulate(in, from, weights.fixed[k], sums);
        from += stride;
      }
      for (int sum : sums) {
        out[to++] = clip(sum);
      }
    }
  }

  private static void accumulate(byte[] in, int from, int weight, int[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += (in[from + i] & 0xff) * weight;
    }
  }

  private static byte clip(int sum) {
    return (byte) Math.max(0, Math.min(255, sum >> PRECISION_BITS));
  }

  private static byte[] nearest(
      byte[] in, int inWidth, int inHeight, int channels, int outWidth, int outHeight) {
    int[] columns = nearestPositions(inWidth, outWidth);
    int[] rows = nearestPositions(inHeight, outHeight);
    byte[] out = new byte[channels * outWidth * outHeight];
    int to = 0;
    for (int row : rows) {
      for (int column : columns) {
        // Where rounding leaves the image Pillow leaves zeros.
        if (row < inHeight && column < inWidth) {
          int from = channels * (row * inWidth + column);
          for (int c = 0; c < channels; c++) {
            out[to + c] = in[from + c];
          }
        }
        to += channels;
      }
    }
    return out;
  }

  private static int[] nearestPositions(int inSize, int outSize) {
    int[] positions = new int[outSize];
    double step = (double) (float) inSize / outSize;
    // Summed up as Pillow does, with its rounding errors.
    double position = step * 0.5;
    for (int i = 0; i < outSize; i++) {
      positions[i] = (int) position;
      position += step;
    }
    return positions;
  }

  /** {@code precompute_coeffs} and {@code normalize_coeffs_8bpc}. */
  private static final class Weights {
    final int outSize;

    /** How many weights are reserved for each output position. */
    final int stride;

    /** The first input position that an output position reads, and how many it reads. */
    final int[] first;

    final int[] count;

    /** The weights, with {@link #PRECISION_BITS} fraction bits. */
    final int[] fixed;

    private Weights(int outSize, int stride) {
      this.outSize = outSize;
      this.stride = stride;
      this.first = new int[outSize];
      this.count = new int[outSize];
      this.fixed = new int[stride * outSize];
    }

    static Weights of(int inSize, int outSize, Resampling resampling) {
      double scale = (double) (float) inSize / outSize;
      double filterScale = Math.max(scale, 1);
      double support = resampling.support() * filterScale;
      int stride = (int) Math.ceil(support) * 2 + 1;
      if ((long) stride * outSize > Integer.MAX_VALUE / Double.BYTES) {
        // Pillow gives up here too (MemoryError).
        throw new IllegalArgumentException(
            "cannot resize %d pixels to %d with %s".formatted(inSize, outSize, resampling));
      }
      Weights result = new Weights(outSize, stride);
      double[] weights = new double[stride];
      double inverse = 1 / filterScale;
      for (int i = 0; i < outSize; i++) {
        double center = (i + 0.5) * scale;
        int from = Math.max((int) (center - support + 0.5), 0);
        int n = Math.min((int) (center + support + 0.5), inSize) - from;
        double sum = 0;
        for (int k = 0; k < n; k++) {
          weights[k] = resampling.weight((k + from - center + 0.5) * inverse);
          sum += weights[k];
        }
        for (int k = 0; k < n; k++) {
          double weight = sum != 0 ? weights[k] / sum : weights[k];
          double scaled = weight * (1 << PRECISION_BITS);
          result.fixed[i * stride + k] = (int) (weight < 0 ? -0.5 + scaled : 0.5 + scaled);
        }
        result.first[i] = from;
        result.count[i] = n;
      }
      return result;
    }
  }
}
