package io.github.vit4j.pictures;

import io.github.vit4j.config.ImageSize;
import io.github.vit4j.image.Resampler;
import io.github.vit4j.image.Resampling;
import io.github.vit4j.image.RgbImage;
import java.util.ArrayList;
import java.util.List;

/**
 * A photo in windows of the size that a model sees, so that a model of few pixels can work on a
 * photo that is worth looking at.
 *
 * @param windows row by row, all of one size
 * @param perRow how many of them lie side by side; there are as many rows
 */
public record Mosaic(List<RgbImage> windows, int perRow) {
  /** A photo is shrunk to no less than this, unless the model sees less at once. */
  private static final int SIDE = 128;

  /** Copies the list. */
  public Mosaic {
    windows = List.copyOf(windows);
  }

  /** Cuts the largest part of that shape out of the middle, shrinks it, and cuts it up. */
  public static Mosaic cut(RgbImage photo, ImageSize window) {
    int perRow = Math.max(1, SIDE / Math.max(window.height(), window.width()));
    double scale =
        Math.min(
            (double) photo.width() / window.width(), (double) photo.height() / window.height());
    int width = Math.clamp(Math.round(scale * window.width()), 1, photo.width());
    int height = Math.clamp(Math.round(scale * window.height()), 1, photo.height());
    RgbImage middle =
        crop(photo, (photo.width() - width) / 2, (photo.height() - height) / 2, width, height);
    RgbImage whole =
        Resampler.resize(
            middle, perRow * window.width(), perRow * window.height(), Resampling.BICUBIC);
    List<RgbImage> windows = new ArrayList<>();
    for (int i = 0; i < perRow * perRow; i++) {
      int x = i % perRow * window.width();
      int y = i / perRow * window.height();
      windows.add(crop(whole, x, y, window.width(), window.height()));
    }
    return new Mosaic(windows, perRow);
  }

  private static RgbImage crop(RgbImage image, int left, int top, int width, int height) {
    byte[] part = new byte[3 * width * height];
    for (int y = 0; y < height; y++) {
      int from = 3 * ((top + y) * image.width() + left);
      System.arraycopy(image.rgb(), from, part, 3 * y * width, 3 * width);
    }
    return RgbImage.of(width, height, part);
  }

  /** The windows side by side as one picture. */
  RgbImage join() {
    int width = windows.getFirst().width();
    int height = windows.getFirst().height();
    byte[] whole = new byte[3 * width * height * windows.size()];
    for (int i = 0; i < windows.size(); i++) {
      for (int y = 0; y < height; y++) {
        int row = i / perRow * height + y;
        int to = 3 * (row * perRow + i % perRow) * width;
        System.arraycopy(windows.get(i).rgb(), 3 * y * width, whole, to, 3 * width);
      }
    }
    return RgbImage.of(perRow * width, windows.size() / perRow * height, whole);
  }
}
