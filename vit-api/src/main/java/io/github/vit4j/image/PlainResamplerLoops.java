package io.github.vit4j.image;

import java.util.Arrays;

/**
 * {@link ResamplerLoops} that run on every JVM. HotSpot makes vector code only of loops over {@code
 * int[]} in which every array has the same index; so rows are kept as integers of their own arrays
 * for as long as a later row needs them, and become bytes at the end.
 */
final class PlainResamplerLoops implements ResamplerLoops {
  /** As many integers are kept at most; beyond that a picture is a thread of pixels. */
  private static final int MAX_KEPT = 1 << 20;

  /**
   * From as many weights on, a product for two levels saves more than making pairs of them costs.
   */
  private static final int LONG_TAPS = 8;

  /** {@link ResamplerWeights#HALF} in both halves. */
  private static final long HALVES = ((long) ResamplerWeights.HALF << 32) + ResamplerWeights.HALF;

  /** Makes integers of input rows; each an array of 0..255. */
  private interface Rows {
    /** Writes {@code row} into {@code a} and the next one into {@code b}. */
    void read(int row, int[] a, int[] b);
  }

  @Override
  public void horizontal(
      byte[] in,
      int inWidth,
      int firstRow,
      int lastRow,
      int channels,
      ResamplerWeights weights,
      byte[] out) {
    int outStride = channels * weights.outSize;
    int[] a = new int[outStride];
    int[] b = new int[outStride];
    for (int y = firstRow; y < lastRow; y += 2) {
      boolean pair = y + 1 < lastRow;
      twoRows(in, inWidth, y, pair, channels, weights, a, b);
      narrow(a, out, (y - firstRow) * outStride);
      if (pair) {
        narrow(b, out, (y + 1 - firstRow) * outStride);
      }
    }
  }

  /**
   * Two rows share each weight.
   *
   * @param pair whether there is a second one; else the first is computed twice
   */
  private static void twoRows(
      byte[] in,
      int inWidth,
      int row,
      boolean pair,
      int channels,
      ResamplerWeights weights,
      int[] a,
      int[] b) {
    int from = channels * inWidth * row;
    int step = pair ? channels * inWidth : 0;
    if (channels == 3 && weights.stride >= LONG_TAPS) {
      horizontalRgbInPairs(in, from, step, weights, a, b);
    } else if (channels == 3) {
      horizontalRgb(in, from, step, weights, a, b);
    } else {
      horizontalGrey(in, from, step, weights, a, b);
    }
    toLevels(a);
    toLevels(b);
  }

  private static void horizontalRgb(
      byte[] in, int row, int rowStep, ResamplerWeights weights, int[] a, int[] b) {
    int to = 0;
    for (int x = 0; x < weights.outSize; x++) {
      int k = x * weights.stride;
      int end = k + weights.count[x];
      int p = row + 3 * weights.first[x];
      int q = p + rowStep;
      int r0 = ResamplerWeights.HALF;
      int g0 = ResamplerWeights.HALF;
      int b0 = ResamplerWeights.HALF;
      int r1 = ResamplerWeights.HALF;
      int g1 = ResamplerWeights.HALF;
      int b1 = ResamplerWeights.HALF;
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
      a[to] = r0;
      a[to + 1] = g0;
      a[to + 2] = b0;
      b[to] = r1;
      b[to + 1] = g1;
      b[to + 2] = b1;
      to += 3;
    }
  }

  /** {@link #horizontalRgb} with two levels in a long, so that a product serves both. */
  private static void horizontalRgbInPairs(
      byte[] in, int row, int rowStep, ResamplerWeights weights, int[] a, int[] b) {
    int to = 0;
    for (int x = 0; x < weights.outSize; x++) {
      int k = x * weights.stride;
      int end = k + weights.count[x];
      int p = row + 3 * weights.first[x];
      int q = p + rowStep;
      long redGreen0 = HALVES;
      long redGreen1 = HALVES;
      long blues = HALVES;
      for (; k < end; k++) {
        long w = weights.fixed[k];
        redGreen0 += pair(in[p], in[p + 1]) * w;
        redGreen1 += pair(in[q], in[q + 1]) * w;
        blues += pair(in[p + 2], in[q + 2]) * w;
        p += 3;
        q += 3;
      }
      a[to] = low(redGreen0);
      a[to + 1] = high(redGreen0);
      a[to + 2] = low(blues);
      b[to] = low(redGreen1);
      b[to + 1] = high(redGreen1);
      b[to + 2] = high(blues);
      to += 3;
    }
  }

  private static long pair(byte low, byte high) {
    return (low & 0xff) | (high & 0xffL) << 32;
  }

  private static int low(long pair) {
    return (int) pair;
  }

  /** A negative low half has borrowed one from the high half. */
  private static int high(long pair) {
    return (int) ((pair - (int) pair) >> 32);
  }

  private static void horizontalGrey(
      byte[] in, int row, int rowStep, ResamplerWeights weights, int[] a, int[] b) {
    for (int x = 0; x < weights.outSize; x++) {
      int k = x * weights.stride;
      int end = k + weights.count[x];
      int p = row + weights.first[x];
      int v0 = ResamplerWeights.HALF;
      int v1 = ResamplerWeights.HALF;
      for (; k < end; k++) {
        int w = weights.fixed[k];
        v0 += (in[p] & 0xff) * w;
        v1 += (in[p + rowStep] & 0xff) * w;
        p++;
      }
      a[x] = v0;
      b[x] = v1;
    }
  }

  @Override
  public void vertical(byte[] in, int stride, int firstRow, ResamplerWeights weights, byte[] out) {
    if (!isKept(stride, weights)) {
      verticalOfMany(in, stride, firstRow, weights, out);
      return;
    }
    vertical(
        (row, a, b) -> {
          widen(in, (row - firstRow) * stride, a);
          if ((row + 2L - firstRow) * stride <= in.length) {
            widen(in, (row + 1 - firstRow) * stride, b);
          }
        },
        stride,
        weights,
        out);
  }

  @Override
  public void both(
      byte[] in,
      int inWidth,
      int channels,
      ResamplerWeights horizontal,
      ResamplerWeights vertical,
      byte[] out) {
    int stride = channels * horizontal.outSize;
    if (!isKept(stride, vertical)) {
      ResamplerLoops.super.both(in, inWidth, channels, horizontal, vertical, out);
      return;
    }
    int rows = vertical.end();
    vertical(
        (row, a, b) -> twoRows(in, inWidth, row, row + 1 < rows, channels, horizontal, a, b),
        stride,
        vertical,
        out);
  }

  private static boolean isKept(int stride, ResamplerWeights weights) {
    return (weights.mostTaps() + 1L) * stride <= MAX_KEPT;
  }

  /** Each input row is read once, two at a time, and kept until no output row needs it. */
  private static void vertical(Rows rows, int stride, ResamplerWeights weights, byte[] out) {
    int[][] kept = new int[weights.mostTaps() + 1][stride];
    int[] sums = new int[stride];
    int read = weights.first[0];
    for (int y = 0; y < weights.outSize; y++) {
      int row = weights.first[y];
      int end = row + weights.count[y];
      for (; read < end; read += 2) {
        rows.read(read, kept[read % kept.length], kept[(read + 1) % kept.length]);
      }
      Arrays.fill(sums, ResamplerWeights.HALF);
      int k = y * weights.stride;
      for (; row + 4 <= end; row += 4, k += 4) {
        addFour(kept, row, weights.fixed, k, sums);
      }
      for (; row < end; row++, k++) {
        add(kept[row % kept.length], weights.fixed[k], sums);
      }
      toLevels(sums);
      narrow(sums, out, y * stride);
    }
  }

  private static void verticalOfMany(
      byte[] in, int stride, int firstRow, ResamplerWeights weights, byte[] out) {
    int[] sums = new int[stride];
    for (int y = 0; y < weights.outSize; y++) {
      Arrays.fill(sums, ResamplerWeights.HALF);
      int from = (weights.first[y] - firstRow) * stride;
      int begin = y * weights.stride;
      for (int k = begin; k < begin + weights.count[y]; k++, from += stride) {
        int weight = weights.fixed[k];
        for (int i = 0; i < sums.length; i++) {
          sums[i] += (in[from + i] & 0xff) * weight;
        }
      }
      toLevels(sums);
      narrow(sums, out, y * stride);
    }
  }

  // Small methods with one loop each, which the compiler makes vector code of.

  private static void addFour(int[][] kept, int row, int[] fixed, int k, int[] sums) {
    int[] row0 = kept[row % kept.length];
    int[] row1 = kept[(row + 1) % kept.length];
    int[] row2 = kept[(row + 2) % kept.length];
    int[] row3 = kept[(row + 3) % kept.length];
    int w0 = fixed[k];
    int w1 = fixed[k + 1];
    int w2 = fixed[k + 2];
    int w3 = fixed[k + 3];
    for (int i = 0; i < sums.length; i++) {
      sums[i] += row0[i] * w0 + row1[i] * w1 + row2[i] * w2 + row3[i] * w3;
    }
  }

  private static void add(int[] row, int weight, int[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += row[i] * weight;
    }
  }

  /** {@link ResamplerWeights#level} of all. */
  private static void toLevels(int[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] = Math.max(0, Math.min(255, sums[i] >> ResamplerWeights.PRECISION_BITS));
    }
  }

  private static void widen(byte[] in, int from, int[] levels) {
    for (int i = 0; i < levels.length; i++) {
      levels[i] = in[from + i] & 0xff;
    }
  }

  private static void narrow(int[] levels, byte[] out, int to) {
    for (int i = 0; i < levels.length; i++) {
      out[to + i] = (byte) levels[i];
    }
  }
}
