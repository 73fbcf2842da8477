package io.github.vit4j.pictures;

import io.github.vit4j.image.RgbImage;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;

/** A white card with a title above and a note below what is drawn on it. */
final class Canvas {
  static final int MARGIN = 32;

  private static final int HEADER = 64;
  private static final int NOTE = 34;

  /** The left and the upper edge of what is drawn between title and note. */
  final int left = MARGIN;

  final int top = MARGIN + HEADER;
  final int width;

  private final BufferedImage image;
  private final Graphics2D graphics;

  /**
   * A card with room for {@code width x height} pixels between title and note.
   *
   * @param subtitle a line under the title, shortened where it is too long
   * @param note a line below, shortened where it is too long; may be empty
   */
  Canvas(int width, int height, String title, String subtitle, String note) {
    this.width = width;
    int fullHeight = top + height + (note.isEmpty() ? 0 : NOTE) + MARGIN;
    image = new BufferedImage(width + 2 * MARGIN, fullHeight, BufferedImage.TYPE_INT_RGB);
    graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    graphics.setColor(Style.PAPER);
    graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
    text(title, left, MARGIN + 20, Style.TITLE, width);
    text(subtitle, left, MARGIN + 43, Style.SUBTITLE, width);
    text(note, left, fullHeight - MARGIN - 2.0, Style.SMALL, width);
  }

  /** Writes at the left end of a baseline, shortened to {@code room} pixels. */
  void text(String text, double x, double baseline, Style style, double room) {
    String shortened = style.typeface().shorten(text, style.size(), room);
    Shape outline = style.typeface().line(shortened, style.size()).outline();
    fill(
        AffineTransform.getTranslateInstance(x, baseline).createTransformedShape(outline),
        style.colour());
  }

  /** Writes so that the text ends at {@code right}. */
  void textRight(String text, double right, double baseline, Style style) {
    double room = style.width(text);
    text(text, right - room, baseline, style, room);
  }

  /** Writes in the middle of {@code room} pixels from {@code x} on, shortened to them. */
  void textCentred(String text, double x, double baseline, Style style, double room) {
    double wide = Math.min(room, style.width(text));
    text(text, x + (room - wide) / 2, baseline, style, room);
  }

  /** Fills a shape. */
  void fill(Shape shape, Color colour) {
    graphics.setColor(colour);
    graphics.fill(shape);
  }

  /** Fills a rectangle, its corners rounded with a radius that is at most half its height. */
  void bar(double x, double y, double wide, double high, double radius, Color colour) {
    fill(new RoundRectangle2D.Double(x, y, wide, high, 2 * radius, 2 * radius), colour);
  }

  /** Draws the outline of a shape. */
  void outline(Shape shape, Color colour, double thickness) {
    graphics.setColor(colour);
    graphics.setStroke(new BasicStroke((float) thickness));
    graphics.draw(shape);
  }

  /** Draws an arrow to the right. */
  void arrow(double x, double y, double length) {
    outline(new Line2D.Double(x, y, x + length - 2, y), Style.MUTED, 1.5);
    Path2D head = new Path2D.Double();
    head.moveTo(x + length - 6, y - 5);
    head.lineTo(x + length, y);
    head.lineTo(x + length - 6, y + 5);
    outline(head, Style.MUTED, 1.5);
  }

  /** Puts a picture there, pixel by pixel. */
  void photo(RgbImage photo, int x, int y) {
    graphics.drawImage(photo.toBufferedImage(), x, y, null);
  }

  /** Puts a picture into the middle of a panel, which shows where the picture is far smaller. */
  void photo(RgbImage photo, int x, int y, int panelWidth, int panelHeight) {
    if (3 * photo.width() < panelWidth || 3 * photo.height() < panelHeight) {
      fill(new Rectangle2D.Double(x, y, panelWidth, panelHeight), Style.PANEL);
    }
    photo(photo, x + (panelWidth - photo.width()) / 2, y + (panelHeight - photo.height()) / 2);
  }

  /** What was drawn. */
  Picture picture() {
    graphics.dispose();
    return new Picture(RgbImage.fromBufferedImage(image));
  }
}
