package io.github.vit4j.image;

import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link ResamplerLoops} on the Vector API; loaded only in a JVM that was started with it. Sums of
 * 32-bit integers do not depend on their order, so the bytes are those of {@link
 * PlainResamplerLoops}.
 */
final class VectorResamplerLoops implements ResamplerLoops {
  /**
   * No wider than 256 bits: with 512 there is more to add up across the vector at the end, which
   * costs more than it saves for all but the largest pictures.
   */
  private static final VectorSpecies<Integer> INTS =
      IntVector.SPECIES_PREFERRED.length() > 8
          ? IntVector.SPECIES_256
          : IntVector.SPECIES_PREFERRED;

  private static final int LANES = INTS.length();

  /** As many levels as {@link #INTS} has lanes, but there are no vectors of less than 8. */
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, Byte.SIZE * LANES)));

  /** Whole RGB pixels in a vector: 2 of 256 bits, 1 of 128. */
  private static final int PIXELS = LANES / 3;

  private static final int STEP = 3 * PIXELS;

  private static final VectorShuffle<Integer> NEXT_PIXEL =
      VectorShuffle.iota(INTS, 3 % LANES, 1, true);

  private static final int ROWS = 4;

  /** Beyond these a picture is a thread of pixels, for which memory matters more than speed. */
  private static final int MAX_WIDTH = 1 << 20;

  private static final int MAX_WEIGHTS = 1 << 22;

  private final PlainResamplerLoops plain = new PlainResamplerLoops();

  /** Whether the vectors of this processor are long enough for a pixel. */
  static boolean isUsable() {
    return IntVector.SPECIES_PREFERRED.length() >= 4;
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
    int steps = Math.ceilDiv(weights.mostTaps(), PIXELS);
    if (channels != 3
        || inWidth > MAX_WIDTH
        || (long) weights.outSize * steps * LANES > MAX_WEIGHTS) {
      plain.horizontal(in, inWidth, firstRow, lastRow, channels, weights, out);
      return;
    }
    int[] expanded = expand(weights, steps);
    int inStride = 3 * inWidth;
    int outStride = 3 * weights.outSize;
    // Sums are stored four at a time, the last of which belongs to nobody.
    int sumStride = outStride + 1;
    int[] sums = new int[ROWS * sumStride];
    // What is read behind the last pixel of a row, and multiplied with zero.
    int behind = steps * STEP + BYTES.length();
    byte[] rest = new byte[0];
    for (int y = firstRow; y < lastRow; y += ROWS) {
      int rows = Math.min(ROWS, lastRow - y);
      long end = (long) (y + ROWS) * inStride + behind;
      if (end <= in.length) {
        fourRows(in, y * inStride, inStride, weights, expanded, steps, sums, sumStride);
      } else {
        if (rest.length == 0) {
          rest = new byte[ROWS * inStride + behind];
        }
        System.arraycopy(in, y * inStride, rest, 0, rows * inStride);
        fourRows(rest, 0, inStride, weights, expanded, steps, sums, sumStride);
      }
      for (int row = 0; row < rows; row++) {
        finish(sums, row * sumStride, outStride, out, (y + row - firstRow) * outStride);
      }
    }
  }

  /** Each weight three times, {@code steps} vectors for each output position. */
  private static int[] expand(ResamplerWeights weights, int steps) {
    int[] expanded = new int[weights.outSize * steps * LANES];
    for (int x = 0; x < weights.outSize; x++) {
      for (int k = 0; k < weights.count[x]; k++) {
        int at = (x * steps + k / PIXELS) * LANES + 3 * (k % PIXELS);
        Arrays.fill(expanded, at, at + 3, weights.fixed[x * weights.stride + k]);
      }
    }
    return expanded;
  }

  /** Four rows share each load of weights, and hide how long a multiplication takes. */
  private static void fourRows(
      byte[] in,
      int row,
      int inStride,
      ResamplerWeights weights,
      int[] expanded,
      int steps,
      int[] sums,
      int sumStride) {
    for (int x = 0; x < weights.outSize; x++) {
      IntVector a = IntVector.zero(INTS);
      IntVector b = a;
      IntVector c = a;
      IntVector d = a;
      int p = row + 3 * weights.first[x];
      int at = x * steps * LANES;
      // Most positions have fewer weights than the one with the most.
      int end = at + (weights.count[x] + PIXELS - 1) / PIXELS * LANES;
      while (at < end) {
        IntVector weight = IntVector.fromArray(INTS, expanded, at);
        a = a.add(load(in, p).mul(weight));
        b = b.add(load(in, p + inStride).mul(weight));
        c = c.add(load(in, p + 2 * inStride).mul(weight));
        d = d.add(load(in, p + 3 * inStride).mul(weight));
        p += STEP;
        at += LANES;
      }
      int to = 3 * x;
      storePixel(a, sums, to);
      storePixel(b, sums, to + sumStride);
      storePixel(c, sums, to + 2 * sumStride);
      storePixel(d, sums, to + 3 * sumStride);
    }
  }

  private static IntVector load(byte[] in, int at) {
    return (IntVector)
        ByteVector.fromArray(BYTES, in, at).convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0);
  }

  /** The sum of the pixels in {@code sums}, and behind it what the next pixel overwrites. */
  private static void storePixel(IntVector pixels, int[] sums, int to) {
    IntVector sum = PIXELS == 2 ? pixels.add(pixels.rearrange(NEXT_PIXEL)) : pixels;
    ((IntVector) sum.reinterpretShape(IntVector.SPECIES_128, 0)).intoArray(sums, to);
  }

  private static void finish(int[] sums, int from, int length, byte[] out, int to) {
    int i = 0;
    for (; i + BYTES.length() <= length; i += LANES) {
      storeLevels(
          IntVector.fromArray(INTS, sums, from + i).add(ResamplerWeights.HALF), out, to + i);
    }
    for (; i < length; i++) {
      out[to + i] = ResamplerWeights.level(sums[from + i] + ResamplerWeights.HALF);
    }
  }

  /** Writes {@code BYTES.length()} bytes, of which those beyond the lanes are overwritten later. */
  private static void storeLevels(IntVector sums, byte[] out, int to) {
    IntVector levels =
        sums.lanewise(VectorOperators.ASHR, ResamplerWeights.PRECISION_BITS).max(0).min(255);
    ((ByteVector) levels.convertShape(VectorOperators.I2B, BYTES, 0)).intoArray(out, to);
  }

  @Override
  public void vertical(byte[] in, int stride, int firstRow, ResamplerWeights weights, byte[] out) {
    for (int y = 0; y < weights.outSize; y++) {
      int begin = y * weights.stride;
      row(
          in,
          (weights.first[y] - firstRow) * stride,
          stride,
          weights.fixed,
          begin,
          begin + weights.count[y],
          out,
          y * stride);
    }
  }

  private static void row(
      byte[] in, int from, int stride, int[] fixed, int begin, int end, byte[] out, int to) {
    int x = 0;
    for (; x + 3 * LANES + BYTES.length() <= stride; x += 4 * LANES) {
      IntVector a = IntVector.broadcast(INTS, ResamplerWeights.HALF);
      IntVector b = a;
      IntVector c = a;
      IntVector d = a;
      int p = from + x;
      for (int k = begin; k < end; k++) {
        int weight = fixed[k];
        a = a.add(load(in, p).mul(weight));
        b = b.add(load(in, p + LANES).mul(weight));
        c = c.add(load(in, p + 2 * LANES).mul(weight));
        d = d.add(load(in, p + 3 * LANES).mul(weight));
        p += stride;
      }
      storeLevels(a, out, to + x);
      storeLevels(b, out, to + x + LANES);
      storeLevels(c, out, to + x + 2 * LANES);
      storeLevels(d, out, to + x + 3 * LANES);
    }
    for (; x < stride; x++) {
      int sum = ResamplerWeights.HALF;
      int p = from + x;
      for (int k = begin; k < end; k++) {
        sum += (in[p] & 0xff) * fixed[k];
        p += stride;
      }
      out[to + x] = ResamplerWeights.level(sum);
    }
  }
}
