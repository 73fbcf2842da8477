package io.github.vit4j.pictures;

import io.github.vit4j.error.OneLine;
import java.awt.Font;
import java.awt.Shape;
import java.awt.font.FontRenderContext;
import java.awt.font.TextLayout;
import java.awt.geom.AffineTransform;
import java.awt.geom.Area;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Optional;
import org.apache.fontbox.ttf.CmapLookup;
import org.apache.fontbox.ttf.GlyphData;
import org.apache.fontbox.ttf.TTFParser;
import org.apache.fontbox.ttf.TrueTypeFont;
import org.apache.pdfbox.io.RandomAccessReadBuffer;

/**
 * Letters as outlines. They come from a font on the class path, because Java's own text needs
 * fontconfig and at least one font on the machine, which bare containers lack. Only characters that
 * this font does not have are left to Java, and where that cannot draw text they become boxes.
 *
 * <p>Thread-safe.
 */
final class Typeface {
  static final Typeface REGULAR = new Typeface("Roboto-Regular.ttf");
  static final Typeface MEDIUM = new Typeface("Roboto-Medium.ttf");

  /** What a character without any font becomes: a box of these parts of the size. */
  private static final Area BOX = new Area(new Rectangle2D.Double(0.08, -0.68, 0.44, 0.68));

  static {
    BOX.subtract(new Area(new Rectangle2D.Double(0.13, -0.63, 0.34, 0.58)));
  }

  private static final double BOX_ADVANCE = 0.6;

  private final TrueTypeFont font;
  private final CmapLookup characters;

  private Typeface(String file) {
    try (InputStream in = Typeface.class.getResourceAsStream(file)) {
      font = new TTFParser().parse(new RandomAccessReadBuffer(Objects.requireNonNull(in, file)));
      characters = font.getUnicodeCmapLookup();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An outline with its origin at the left end of the baseline, and how far it advances. */
  record Line(Shape outline, double width) {}

  /**
   * One line of text; line breaks and other control characters become spaces.
   *
   * @param size of the em square, in pixels
   */
  synchronized Line line(String text, double size) {
    Path2D outline = new Path2D.Double();
    double x = 0;
    int[] codePoints = OneLine.of(text).codePoints().toArray();
    for (int from = 0; from < codePoints.length; ) {
      int to = from;
      while (to < codePoints.length && characters.getGlyphId(codePoints[to]) == 0) {
        to++;
      }
      if (to > from) {
        x += appendForeign(outline, new String(codePoints, from, to - from), size, x);
        from = to;
      } else {
        x += append(outline, characters.getGlyphId(codePoints[from]), size, x);
        from++;
      }
    }
    return new Line(outline, x);
  }

  private double append(Path2D outline, int glyph, double size, double x) {
    try {
      double scale = size / font.getUnitsPerEm();
      GlyphData data = font.getGlyph().getGlyph(glyph);
      if (data != null) {
        AffineTransform place = new AffineTransform(scale, 0, 0, -scale, x, 0);
        outline.append(data.getPath().getPathIterator(place), false);
      }
      return scale * font.getAdvanceWidth(glyph);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double appendForeign(Path2D outline, String text, double size, double x) {
    Optional<TextLayout> layout = foreign(text, size);
    if (layout.isPresent()) {
      outline.append(layout.get().getOutline(AffineTransform.getTranslateInstance(x, 0)), false);
      return layout.get().getAdvance();
    }
    double advance = 0;
    for (int i = 0; i < text.codePointCount(0, text.length()); i++) {
      AffineTransform place = AffineTransform.getTranslateInstance(x + advance, 0);
      place.scale(size, size);
      outline.append(BOX.getPathIterator(place), false);
      advance += BOX_ADVANCE * size;
    }
    return advance;
  }

  private static Optional<TextLayout> foreign(String text, double size) {
    try {
      Font any = new Font(Font.SANS_SERIF, Font.PLAIN, 1).deriveFont((float) size);
      return Optional.of(new TextLayout(text, any, new FontRenderContext(null, true, true)));
    } catch (RuntimeException | LinkageError | InternalError e) {
      return Optional.empty(); // this machine has no fonts, or its JDK no libraries for them
    }
  }

  /** The text, or as much of its beginning as fits, with an ellipsis. */
  String shorten(String text, double size, double width) {
    if (line(text, size).width() <= width) {
      return text;
    }
    int fits = 0;
    int tooMany = text.codePointCount(0, text.length());
    while (tooMany - fits > 1) {
      int middle = (fits + tooMany) / 2;
      if (line(beginning(text, middle), size).width() <= width) {
        fits = middle;
      } else {
        tooMany = middle;
      }
    }
    return beginning(text, fits);
  }

  private static String beginning(String text, int codePoints) {
    return text.substring(0, text.offsetByCodePoints(0, codePoints)).stripTrailing() + "…";
  }
}
