package io.github.vit4j.pictures;

import io.github.vit4j.config.ImageSize;
import io.github.vit4j.image.RgbImage;
import java.util.Arrays;

/** Which patches of a picture are hidden. */
final class MaskedPatches {
  private static final int GREY = 0xd2;

  private final boolean[] isMasked;
  private final ImageSize patch;

  /**
   * Keeps the array.
   *
   * @param isMasked one value per patch, row by row
   * @param patch the size of a patch
   */
  MaskedPatches(boolean[] isMasked, ImageSize patch) {
    this.isMasked = isMasked;
    this.patch = patch;
  }

  private boolean isMasked(RgbImage image, int x, int y) {
    int columns = image.width() / patch.width();
    return isMasked[y / patch.height() * columns + x / patch.width()];
  }

  /** The picture with the hidden patches grey. */
  RgbImage hide(RgbImage image) {
    byte[] grey = new byte[image.rgb().length];
    Arrays.fill(grey, (byte) GREY);
    return fill(image, RgbImage.of(image.width(), image.height(), grey));
  }

  /** The picture with the hidden patches taken from another one. */
  RgbImage fill(RgbImage image, RgbImage other) {
    byte[] filled = image.rgb().clone();
    for (int i = 0; i < filled.length; i++) {
      if (isMasked(image, i / 3 % image.width(), i / 3 / image.width())) {
        filled[i] = other.rgb()[i];
      }
    }
    return RgbImage.of(image.width(), image.height(), filled);
  }

  /** A picture of one colour, the mean of the visible patches. */
  RgbImage meanColour(RgbImage image) {
    long[] sums = new long[3];
    int visible = 0;
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        if (!isMasked(image, x, y)) {
          visible++;
          for (int channel = 0; channel < 3; channel++) {
            sums[channel] += image.level(x, y, channel);
          }
        }
      }
    }
    byte[] mean = new byte[image.rgb().length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (byte) Math.round((double) sums[i % 3] / Math.max(1, visible));
    }
    return RgbImage.of(image.width(), image.height(), mean);
  }
}
