package io.github.vit4j.image;

import java.util.Objects;

/**
 * Pillow's {@code Image.resize}, bit for bit: src/libImaging/Resample.c, and ImagingScaleAffine of
 * Geometry.c for {@link Resampling#NEAREST}.
 *
 * <p>The image is stretched horizontally, rounded to uint8, then stretched vertically; a pass whose
 * size does not change is left out. Weights are fixed-point numbers with 22 fraction bits.
 *
 * <p>In a JVM started with {@code --add-modules jdk.incubator.vector} the passes run on the Vector
 * API, with the same bytes in less than half the time. The system property {@code vit4j.vector}
 * says {@code off} to leave it, {@code on} to insist on it, {@code auto} (the default) to use it
 * where it is.
 *
 * <p>Thread-safety: no state; every call works on the calling thread alone.
 */
public final class Resampler {
  private Resampler() {}

  /**
   * {@return the image at another size; the same object if the size stays}
   *
   * @param image what to stretch; not changed
   * @param width columns of the result, at least 1
   * @param height rows of the result, at least 1
   * @param resampling the filter
   * @throws IllegalArgumentException if a side is below 1 or the result has more than 2^31 bytes
   * @throws io.github.vit4j.error.ConfigException if the property {@code vit4j.vector} has another
   *     value, or is {@code on} where there is no Vector API
   */
  public static RgbImage resize(RgbImage image, int width, int height, Resampling resampling) {
    if (width == image.width() && height == image.height()) {
      return image;
    }
    byte[] resized =
        resize(
            ResamplerLoopsProvider.loops(),
            image.rgb(),
            image.width(),
            image.height(),
            3,
            width,
            height,
            resampling);
    return RgbImage.of(width, height, resized);
  }

  /**
   * One channel at another size.
   *
   * @param grey {@code width * height} unsigned levels, row by row
   * @param width columns of {@code grey}, at least 1
   * @param height rows of {@code grey}, at least 1
   * @param newWidth columns of the result, at least 1
   * @param newHeight rows of the result, at least 1
   * @param resampling the filter
   * @return {@code newWidth * newHeight} levels; a new array even if the size stays
   * @throws IllegalArgumentException if a side is below 1, the array has another length or the
   *     result has more than 2^31 bytes
   * @throws io.github.vit4j.error.ConfigException as {@link #resize}
   */
  public static byte[] resizeGrey(
      byte[] grey, int width, int height, int newWidth, int newHeight, Resampling resampling) {
    if (grey.length != (long) width * height) {
      throw new IllegalArgumentException(
          "%dx%d levels expected, got %d".formatted(width, height, grey.length));
    }
    return resize(
        ResamplerLoopsProvider.loops(), grey, width, height, 1, newWidth, newHeight, resampling);
  }

  /** The two public methods, with loops of one's choice. */
  static byte[] resize(
      ResamplerLoops loops,
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
    byte[] out = new byte[channels * outWidth * outHeight];
    // Made even where that pass is left out: sizes that Pillow refuses are refused.
    ResamplerWeights vertical = ResamplerWeights.of(inHeight, outHeight, resampling);
    if (outWidth == inWidth) {
      loops.vertical(data, channels * outWidth, 0, vertical, out);
      return out;
    }
    ResamplerWeights horizontal = ResamplerWeights.of(inWidth, outWidth, resampling);
    if (outHeight == inHeight) {
      loops.horizontal(data, inWidth, 0, inHeight, channels, horizontal, out);
    } else {
      loops.both(data, inWidth, channels, horizontal, vertical, out);
    }
    return out;
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
}
