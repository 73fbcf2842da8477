package io.github.vit4j.pictures;

import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.image.Resampler;
import io.github.vit4j.image.Resampling;
import io.github.vit4j.image.RgbImage;
import java.awt.geom.Rectangle2D;
import java.util.Arrays;
import java.util.List;

/** Where a model looks: the attention that reaches each patch, as colours over the photo. */
public final class AttentionPicture {
  private static final int PHOTO = 252;
  private static final int GAP = 36;
  private static final int GRID = 316;
  private static final int SPACE = 14;

  /** Black over purple and orange to pale yellow, evenly brighter. */
  private static final int[] HEAT = {
    0x000004, 0x1b0c41, 0x4a0c6b, 0x781c6d, 0xa52c60, 0xcf4446, 0xed6925, 0xfb9b06, 0xf7d13d,
    0xfcffa4
  };

  private AttentionPicture() {}

  /**
   * Draws it.
   *
   * @param layers how much of each patch reaches the CLS token after each layer, row by row; the
   *     last one is laid over the photo
   * @param columns patches in a row
   * @param subtitle what computed it
   */
  public static Picture of(
      RgbImage photo,
      ViTImageProcessor processor,
      List<float[]> layers,
      int columns,
      String subtitle) {
    RgbImage shown = Scaling.fit(photo, PHOTO, PHOTO);
    int perRow = layers.size() <= 6 ? 3 : layers.size() <= 12 ? 4 : 6;
    int rows = (layers.size() + perRow - 1) / perRow;
    int tile = (GRID - (perRow - 1) * SPACE) / perRow;
    int row = tile + 24;
    int height = Math.max(shown.height(), rows * row + 26);
    int photoWidth = Math.max(shown.width(), Scaling.NARROW);
    Canvas canvas = new Canvas(photoWidth + GAP + GRID, height, "Attention rollout", subtitle, "");
    RgbImage overlay = overlay(shown, SeenRegion.of(processor, photo), layers.getLast(), columns);
    canvas.photo(overlay, canvas.left, canvas.top, photoWidth, height);
    int left = canvas.left + photoWidth + GAP;
    int top = canvas.top + (height - rows * row - 26) / 2;
    canvas.text("What has reached the CLS token after layer", left, top + 13, Style.HEADING, GRID);
    for (int i = 0; i < layers.size(); i++) {
      int x = left + i % perRow * (tile + SPACE);
      int y = top + 26 + i / perRow * row;
      RgbImage grid = heat(levels(layers.get(i)), columns, layers.get(i).length / columns);
      int wide = Math.max(1, Math.min(tile, tile * grid.width() / grid.height()));
      int high = Math.max(1, Math.min(tile, tile * grid.height() / grid.width()));
      RgbImage shownGrid = Resampler.resize(grid, wide, high, Resampling.NEAREST);
      canvas.photo(shownGrid, x, y, tile, tile);
      canvas.textCentred(Integer.toString(i + 1), x, y + tile + 16, Style.SMALL, tile);
    }
    return canvas.picture();
  }

  /** From 0 for the least to 255 for the most, or for what 98 % lie below: a few outshine all. */
  private static byte[] levels(float[] values) {
    float[] sorted = values.clone();
    Arrays.sort(sorted);
    float min = sorted[0];
    float max = sorted[(int) Math.round(0.98 * (sorted.length - 1))];
    byte[] levels = new byte[values.length];
    for (int i = 0; i < levels.length; i++) {
      float part = (values[i] - min) / Math.max(max - min, 1e-9f);
      levels[i] = (byte) Math.round(255 * Math.min(1, part));
    }
    return levels;
  }

  private static RgbImage heat(byte[] levels, int width, int height) {
    byte[] rgb = new byte[3 * levels.length];
    for (int i = 0; i < levels.length; i++) {
      double place = (levels[i] & 0xff) / 255.0 * (HEAT.length - 1);
      int below = Math.min((int) place, HEAT.length - 2);
      for (int channel = 0; channel < 3; channel++) {
        int shift = 16 - 8 * channel;
        int from = HEAT[below] >> shift & 0xff;
        int to = HEAT[below + 1] >> shift & 0xff;
        rgb[3 * i + channel] = (byte) Math.round(from + (place - below) * (to - from));
      }
    }
    return RgbImage.of(width, height, rgb);
  }

  /** The photo darkened where little of it gets through; outside the region it is nearly black. */
  private static RgbImage overlay(
      RgbImage photo, SeenRegion region, float[] attention, int columns) {
    Rectangle2D place = region.on(photo);
    int width = Math.max(1, (int) Math.round(place.getWidth()));
    int height = Math.max(1, (int) Math.round(place.getHeight()));
    int left = (int) Math.round(place.getX());
    int top = (int) Math.round(place.getY());
    byte[] smooth =
        Resampler.resizeGrey(
            levels(attention),
            columns,
            attention.length / columns,
            width,
            height,
            Resampling.BICUBIC);
    byte[] colours = heat(smooth, width, height).rgb();
    byte[] rgb = photo.rgb().clone();
    for (int i = 0; i < rgb.length; i++) {
      int x = i / 3 % photo.width() - left;
      int y = i / 3 / photo.width() - top;
      boolean seen = x >= 0 && x < width && y >= 0 && y < height;
      int at = y * width + x;
      double amount = seen ? (smooth[at] & 0xff) / 255.0 : 0;
      double colour = seen ? colours[3 * at + i % 3] & 0xff : 0;
      double level = (rgb[i] & 0xff) * (0.25 + 0.5 * amount) + 0.42 * colour;
      rgb[i] = (byte) Math.clamp(Math.round(level), 0, 255);
    }
    return RgbImage.of(photo.width(), photo.height(), rgb);
  }
}
