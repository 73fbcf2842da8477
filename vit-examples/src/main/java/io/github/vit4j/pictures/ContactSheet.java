package io.github.vit4j.pictures;

import io.github.vit4j.image.ImageReader;
import io.github.vit4j.image.RgbImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** A query and the photos that are most like it, the nearest first. */
public final class ContactSheet {
  private static final int QUERY = 192;
  private static final int THUMB = 128;
  private static final int GAP = 16;
  private static final int COLUMNS = 4;
  private static final int ROWS = 2;
  private static final int ROW = THUMB * 3 / 4 + 46;

  private ContactSheet() {}

  /**
   * A photo that was found.
   *
   * @param photo its file
   * @param similarity from -1 to 1, where 1 is the same
   */
  public record Neighbour(Path photo, double similarity) {}

  /**
   * Draws them, reading only the photos that it shows.
   *
   * @param neighbours the nearest first; the first eight are shown
   * @param subtitle what was compared, and how
   */
  public static Picture of(Path query, List<Neighbour> neighbours, String subtitle) {
    List<Neighbour> shown = neighbours.subList(0, Math.min(COLUMNS * ROWS, neighbours.size()));
    int gridWidth = COLUMNS * THUMB + (COLUMNS - 1) * GAP;
    int height = ROWS * ROW - 8;
    Canvas canvas =
        new Canvas(QUERY + 2 * GAP + gridWidth, height, "Feature extraction", subtitle, "");
    ImageReader reader = ImageReader.create();

    int queryHeight = QUERY * 3 / 4;
    RgbImage wanted = Scaling.fit(reader.read(query), QUERY, queryHeight);
    canvas.photo(wanted, canvas.left, canvas.top, QUERY, queryHeight);
    canvas.text("Query", canvas.left, canvas.top + queryHeight + 24, Style.HEADING, QUERY);
    canvas.text(name(query), canvas.left, canvas.top + queryHeight + 44, Style.SMALL, QUERY);
    canvas.bar(canvas.left + QUERY + GAP, canvas.top, 1, height - 12, 0, Style.HAIRLINE);

    for (int i = 0; i < shown.size(); i++) {
      Neighbour neighbour = shown.get(i);
      int x = canvas.left + QUERY + 2 * GAP + i % COLUMNS * (THUMB + GAP);
      int y = canvas.top + i / COLUMNS * ROW;
      RgbImage thumb = Scaling.fit(reader.read(neighbour.photo()), THUMB, THUMB * 3 / 4);
      canvas.photo(thumb, x, y, THUMB, THUMB * 3 / 4);
      int below = y + THUMB * 3 / 4;
      canvas.bar(x, below + 5, THUMB, 4, 2, Style.PANEL);
      double length = THUMB * Math.clamp(neighbour.similarity(), 0, 1);
      if (length >= 4) {
        canvas.bar(x, below + 5, length, 4, 2, Style.ACCENT);
      }
      String similarity = String.format(Locale.ROOT, "%.2f", neighbour.similarity());
      double taken = Style.SMALL.width(similarity) + 8;
      canvas.text(name(neighbour.photo()), x, below + 25, Style.SMALL, THUMB - taken);
      canvas.textRight(similarity, x + THUMB, below + 25, Style.SMALL.in(Style.INK));
    }
    return canvas.picture();
  }

  private static String name(Path photo) {
    return Objects.requireNonNull(photo.getFileName()).toString();
  }
}
