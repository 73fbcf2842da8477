package io.github.vit4j.pictures;

import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.image.RgbImage;
import io.github.vit4j.tensor.Tensor;
import java.awt.Color;
import java.awt.geom.Area;
import java.awt.geom.Rectangle2D;
import java.util.List;
import java.util.Locale;

/** A photo, what a model sees of it, and the numbers that this consists of. */
public final class PreprocessingPicture {
  private static final int PHOTO = 250;
  private static final int SEEN = 224;
  private static final int HISTOGRAM = 264;
  private static final int GAP = 28;
  private static final int ARROW = 28;
  private static final int BINS = 66;
  private static final Color SHADE = new Color(255, 255, 255, 170);
  private static final List<Color> RGB =
      List.of(new Color(0xc94f4f), new Color(0x4f9a57), new Color(0x4a78b8));
  private static final List<String> CHANNELS = List.of("red", "green", "blue");

  private PreprocessingPicture() {}

  /**
   * Draws them.
   *
   * @param pixelValues float32 [1, channels, height, width], as the processor made them of the
   *     photo
   * @param subtitle where the processor's settings come from
   */
  public static Picture of(
      RgbImage photo, ViTImageProcessor processor, Tensor pixelValues, String subtitle) {
    Tensor values = pixelValues.slice(0);
    RgbImage shown = Scaling.fit(photo, PHOTO, SEEN);
    RgbImage seen = processor.toRgbImage(values);
    int width = PHOTO + SEEN + HISTOGRAM + 4 * GAP + 2 * ARROW;
    Canvas canvas = new Canvas(width, SEEN + 50, "Image preprocessing", subtitle, "");
    int middle = canvas.top + SEEN / 2;

    canvas.photo(shown, canvas.left, canvas.top, PHOTO, SEEN);
    int photoX = canvas.left + (PHOTO - shown.width()) / 2;
    int photoY = canvas.top + (SEEN - shown.height()) / 2;
    SeenRegion region = SeenRegion.of(processor, photo);
    if (!region.isAll()) {
      shadeOutside(canvas, region.on(shown), photoX, photoY, shown);
    }
    String size = Scaling.pixels(photo.width(), photo.height());
    label(canvas, canvas.left, "Photo", size + (region.isAll() ? "" : ", the middle is used"));

    int x = canvas.left + PHOTO + GAP;
    canvas.arrow(x, middle, ARROW);
    x += ARROW + GAP;
    canvas.photo(Scaling.squares(seen, SEEN), x, canvas.top, SEEN, SEEN);
    label(canvas, x, "What the model sees", Scaling.pixels(seen.width(), seen.height()));

    x += SEEN + GAP;
    canvas.arrow(x, middle, ARROW);
    x += ARROW + GAP;
    float[] range = histogram(canvas, x, values);
    String caption = pixelValues + ", from " + twoDigits(range[0]) + " to " + twoDigits(range[1]);
    label(canvas, x, "pixel_values", caption);
    return canvas.picture();
  }

  private static void label(Canvas canvas, int x, String heading, String caption) {
    canvas.text(heading, x, canvas.top + SEEN + 24, Style.HEADING, PHOTO);
    canvas.text(caption, x, canvas.top + SEEN + 44, Style.SMALL, PHOTO);
  }

  private static void shadeOutside(
      Canvas canvas, Rectangle2D region, int x, int y, RgbImage shown) {
    Rectangle2D all = new Rectangle2D.Double(x, y, shown.width(), shown.height());
    Rectangle2D inside =
        new Rectangle2D.Double(
            x + region.getX(), y + region.getY(), region.getWidth(), region.getHeight());
    Area outside = new Area(all);
    outside.subtract(new Area(inside));
    canvas.fill(outside, SHADE);
    canvas.outline(inside.createIntersection(all), Style.WARM, 2);
  }

  /** Draws how often each value occurs in each channel; returns the smallest and the largest. */
  private static float[] histogram(Canvas canvas, int x, Tensor values) {
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    for (float value : values.toFloatArray()) {
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    int channels = Math.toIntExact(values.dimension(0));
    int panel = (SEEN - 24) / channels;
    double low = Math.floor(min);
    double high = Math.max(Math.ceil(max), low + 1);
    for (int channel = 0; channel < channels; channel++) {
      int[] counts = new int[BINS];
      int most = 1;
      for (float value : values.slice(channel).toFloatArray()) {
        int bin = (int) Math.clamp((value - low) / (high - low) * BINS, 0, BINS - 1);
        most = Math.max(most, ++counts[bin]);
      }
      double base = canvas.top + (channel + 1.0) * panel;
      double tallest = panel - 12.0;
      double wide = (double) HISTOGRAM / BINS;
      Color colour = channels == 3 ? RGB.get(channel) : Style.MUTED;
      for (int bin = 0; bin < BINS; bin++) {
        double high1 = tallest * counts[bin] / most;
        canvas.bar(x + bin * wide, base - high1, wide - 1, high1, 0, colour);
      }
      canvas.bar(x, base, HISTOGRAM, 1, 0, Style.HAIRLINE);
      if (channels == 3) {
        canvas.text(CHANNELS.get(channel), x, base - tallest + 8, Style.SMALL, HISTOGRAM);
      }
    }
    double axis = canvas.top + SEEN - 6.0;
    canvas.text(number(low), x, axis, Style.SMALL, HISTOGRAM);
    canvas.textCentred(number((low + high) / 2), x, axis, Style.SMALL, HISTOGRAM);
    canvas.textRight(number(high), x + HISTOGRAM, axis, Style.SMALL);
    return new float[] {min, max};
  }

  private static String number(double value) {
    return format(value == Math.rint(value) ? "%.0f" : "%.1f", value);
  }

  private static String twoDigits(double value) {
    return format("%.2f", value);
  }

  /** With a minus sign as wide as a digit. */
  private static String format(String format, double value) {
    return String.format(Locale.ROOT, format, value).replace("-", "−");
  }
}
