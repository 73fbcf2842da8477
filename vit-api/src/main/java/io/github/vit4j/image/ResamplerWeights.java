package io.github.vit4j.image;

/**
 * What one pass of {@link Resampler} multiplies with: {@code precompute_coeffs} and {@code
 * normalize_coeffs_8bpc} of Pillow's src/libImaging/Resample.c.
 */
final class ResamplerWeights {
  /** Fraction bits of the weights: 8 bits of a level and 2 of overshoot leave as many. */
  static final int PRECISION_BITS = 32 - 8 - 2;

  /** What a sum starts with, so that shifting rounds it. */
  static final int HALF = 1 << (PRECISION_BITS - 1);

  final int outSize;

  /** How many weights are reserved for each output position. */
  final int stride;

  /** The first input position that an output position reads, and how many it reads. */
  final int[] first;

  final int[] count;

  /** The weights, with {@link #PRECISION_BITS} fraction bits. */
  final int[] fixed;

  private ResamplerWeights(int outSize, int stride) {
    this.outSize = outSize;
    this.stride = stride;
    this.first = new int[outSize];
    this.count = new int[outSize];
    this.fixed = new int[stride * outSize];
  }

  /** How many weights the output position with the most has. */
  int mostTaps() {
    int most = 0;
    for (int taps : count) {
      most = Math.max(most, taps);
    }
    return most;
  }

  /** Behind the last input position that is read. */
  int end() {
    return first[outSize - 1] + count[outSize - 1];
  }

  /** The level that a sum of weighted levels, begun with {@link #HALF}, stands for. */
  static byte level(int sum) {
    return (byte) Math.max(0, Math.min(255, sum >> PRECISION_BITS));
  }

  static ResamplerWeights of(int inSize, int outSize, Resampling resampling) {
    double scale = (double) (float) inSize / outSize;
    double filterScale = Math.max(scale, 1);
    double support = resampling.support() * filterScale;
    int stride = (int) Math.ceil(support) * 2 + 1;
    if ((long) stride * outSize > Integer.MAX_VALUE / Double.BYTES) {
      // Pillow gives up here too (MemoryError).
      throw new IllegalArgumentException(
          "cannot resize %d pixels to %d with %s".formatted(inSize, outSize, resampling));
    }
    ResamplerWeights result = new ResamplerWeights(outSize, stride);
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
