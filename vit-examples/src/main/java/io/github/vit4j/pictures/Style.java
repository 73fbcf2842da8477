package io.github.vit4j.pictures;

import java.awt.Color;

/**
 * How text looks.
 *
 * @param typeface its weight
 * @param size of the em square, in pixels
 * @param colour its colour
 */
record Style(Typeface typeface, double size, Color colour) {
  static final Color PAPER = Color.WHITE;
  static final Color INK = new Color(0x1b2430);
  static final Color MUTED = new Color(0x66727f);
  static final Color HAIRLINE = new Color(0xdde3e9);
  static final Color PANEL = new Color(0xf1f4f7);
  static final Color ACCENT = new Color(0x2563a8);
  static final Color ACCENT_SOFT = new Color(0xa9c4e2);
  static final Color WARM = new Color(0xd9782b);

  static final Style TITLE = new Style(Typeface.MEDIUM, 24, INK);
  static final Style SUBTITLE = new Style(Typeface.REGULAR, 14, MUTED);
  static final Style HEADING = new Style(Typeface.MEDIUM, 15, INK);
  static final Style TEXT = new Style(Typeface.REGULAR, 15, INK);
  static final Style SMALL = new Style(Typeface.REGULAR, 13, MUTED);

  /** In another colour. */
  Style in(Color other) {
    return new Style(typeface, size, other);
  }

  /** How wide a text is, in pixels. */
  double width(String text) {
    return typeface.line(text, size).width();
  }
}
