package io.github.vit4j.pictures;

import io.github.vit4j.image.RgbImage;
import io.github.vit4j.pipeline.Classification;
import java.util.List;
import java.util.Locale;

/** A photo and its best labels as bars. */
public final class ClassificationPicture {
  private static final int PHOTO = 264;
  private static final int GAP = 36;
  private static final int BARS = 372;
  private static final int ROW = 46;

  private ClassificationPicture() {}

  /**
   * Draws them.
   *
   * @param labels best first
   * @param subtitle what computed them
   */
  public static Picture of(RgbImage photo, List<Classification> labels, String subtitle) {
    RgbImage shown = Scaling.fit(photo, PHOTO, PHOTO);
    int rows = labels.size() * ROW - 10;
    int height = Math.max(Math.max(shown.height(), rows), 180);
    int photoWidth = Math.max(shown.width(), Scaling.NARROW);
    Canvas canvas =
        new Canvas(photoWidth + GAP + BARS, height, "Image classification", subtitle, "");
    canvas.photo(shown, canvas.left, canvas.top, photoWidth, height);
    int x = canvas.left + photoWidth + GAP;
    int y = canvas.top + (height - rows) / 2;
    for (int i = 0; i < labels.size(); i++, y += ROW) {
      Classification label = labels.get(i);
      String percent = percent(label.score());
      double taken = Style.TEXT.width(percent) + 16;
      Style style = i == 0 ? Style.HEADING : Style.TEXT;
      canvas.text(label.label(), x, y + 13, style, BARS - taken);
      canvas.textRight(
          percent, x + BARS, y + 13, i == 0 ? Style.HEADING : Style.TEXT.in(Style.MUTED));
      canvas.bar(x, y + 22, BARS, 8, 4, Style.PANEL);
      // At least a dot, so that a bar is seen to be one; what is no number has none.
      if (label.score() >= 0) {
        double length = Math.max(8, BARS * Math.min(1, label.score()));
        canvas.bar(x, y + 22, length, 8, 4, i == 0 ? Style.ACCENT : Style.ACCENT_SOFT);
      }
    }
    return canvas.picture();
  }

  private static String percent(float score) {
    return Float.isNaN(score)
        ? "not a number"
        : String.format(Locale.ROOT, score < 0.001 ? "%.2g %%" : "%.1f %%", 100 * score);
  }
}
