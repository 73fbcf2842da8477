package io.github.vit4j.image;

import java.util.Arrays;

/** {@link ResamplerLoops} that run on every JVM. */
final class PlainResamplerLoops implements ResamplerLoops {
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
      byte[] in,
      int row,
      int rowStep,
      ResamplerWeights weights,
      byte[] out,
      int rowOut,
      int outStep) {
    int to = rowOut;
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
      out[to] = ResamplerWeights.level(r0);
      out[to + 1] = ResamplerWeights.level(g0);
      out[to + 2] = ResamplerWeights.level(b0);
      out[to + outStep] = ResamplerWeights.level(r1);
      out[to + outStep + 1] = ResamplerWeights.level(g1);
      out[to + outStep + 2] = ResamplerWeights.level(b1);
      to += 3;
    }
  }

  private static void horizontalGrey(
      byte[] in,
      int row,
      int rowStep,
      ResamplerWeights weights,
      byte[] out,
      int rowOut,
      int outStep) {
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
      out[rowOut + x] = ResamplerWeights.level(v0);
      out[rowOut + x + outStep] = ResamplerWeights.level(v1);
    }
  }

  @Override
  public void vertical(byte[] in, int stride, int firstRow, ResamplerWeights weights, byte[] out) {
    int[] sums = new int[stride];
    for (int y = 0; y < weights.outSize; y++) {
      Arrays.fill(sums, ResamplerWeights.HALF);
      int begin = y * weights.stride;
      int end = begin + weights.count[y];
      int from = (weights.first[y] - firstRow) * stride;
      int k = begin;
      // Four rows at a time, so that the sums are read and written less often.
      for (; k + 4 <= end; k += 4, from += 4 * stride) {
        accumulateFour(in, from, stride, weights.fixed, k, sums);
      }
      for (; k < end; k++, from += stride) {
        accumulate(in, from, weights.fixed[k], sums);
      }
      finish(sums, out, y * stride);
    }
  }

  // Small methods with one loop each, which the compiler makes vector code of.

  private static void accumulateFour(
      byte[] in, int from, int stride, int[] fixed, int k, int[] sums) {
    int w0 = fixed[k];
    int w1 = fixed[k + 1];
    int w2 = fixed[k + 2];
    int w3 = fixed[k + 3];
    int from1 = from + stride;
    int from2 = from1 + stride;
    int from3 = from2 + stride;
    for (int i = 0; i < sums.length; i++) {
      sums[i] +=
          (in[from + i] & 0xff) * w0
              + (in[from1 + i] & 0xff) * w1
              + (in[from2 + i] & 0xff) * w2
              + (in[from3 + i] & 0xff) * w3;
    }
  }

  private static void accumulate(byte[] in, int from, int weight, int[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += (in[from + i] & 0xff) * weight;
    }
  }

  private static void finish(int[] sums, byte[] out, int to) {
    for (int i = 0; i < sums.length; i++) {
      out[to + i] = ResamplerWeights.level(sums[i]);
    }
  }
}
