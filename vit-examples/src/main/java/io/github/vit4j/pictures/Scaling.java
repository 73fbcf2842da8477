package io.github.vit4j.pictures;

import io.github.vit4j.image.Resampler;
import io.github.vit4j.image.Resampling;
import io.github.vit4j.image.RgbImage;

/** Pictures at the size that they are shown in. */
final class Scaling {
  /** A photo gets no less room than this, however narrow it is. */
  static final int NARROW = 120;

  private Scaling() {}

  /**
   * The largest of the same aspect ratio that fits; sides that would vanish are one pixel. A photo
   * is smoothed; one of few pixels shows them as squares.
   */
  static RgbImage fit(RgbImage image, int maxWidth, int maxHeight) {
    double scale = Math.min((double) maxWidth / image.width(), (double) maxHeight / image.height());
    int width = Math.clamp(Math.round(image.width() * scale), 1, maxWidth);
    int height = Math.clamp(Math.round(image.height() * scale), 1, maxHeight);
    return resize(image, width, height);
  }

  /** How large it is, in words. */
  static String pixels(int width, int height) {
    // Joined, because formatting would write digits of the user's language.
    return width + " × " + height + " pixels";
  }

  /** Exactly that size. */
  static RgbImage resize(RgbImage image, int width, int height) {
    boolean fewPixels = width >= 3 * image.width();
    try {
      return Resampler.resize(
          image, width, height, fewPixels ? Resampling.NEAREST : Resampling.LANCZOS);
    } catch (IllegalArgumentException e) {
      // Too long to smooth: every so many pixels one of it.
      return Resampler.resize(image, width, height, Resampling.NEAREST);
    }
  }

  /** Each pixel as a square, as many pixels wide as fit into {@code side}, at least one. */
  static RgbImage squares(RgbImage image, int side) {
    int times = Math.max(1, side / Math.max(image.width(), image.height()));
    if (times == 1 && Math.max(image.width(), image.height()) > 2 * side) {
      return fit(image, side, side);
    }
    return Resampler.resize(
        image, times * image.width(), times * image.height(), Resampling.NEAREST);
  }
}
