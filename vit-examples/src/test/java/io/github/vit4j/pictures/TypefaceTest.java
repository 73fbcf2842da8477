package io.github.vit4j.pictures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Letters without fonts of the operating system. */
class TypefaceTest {
  @Test
  void lettersAreAsWideAsTheFontSays() {
    // The font's advance widths: H 1461, i 498, of 2048 units.
    assertThat(Typeface.REGULAR.line("Hi", 2048).width()).isCloseTo(1461 + 498, within(1e-9));
    assertThat(Typeface.REGULAR.line("", 20).width()).isZero();
    assertThat(Typeface.MEDIUM.line("Hi", 20).width())
        .isGreaterThan(Typeface.REGULAR.line("Hi", 20).width());
  }

  @Test
  void theyStandOnTheBaseline() {
    assertThat(Typeface.REGULAR.line("H", 20).outline().getBounds2D())
        .satisfies(
            bounds -> {
              assertThat(bounds.getMaxY()).isZero();
              assertThat(bounds.getMinY()).isBetween(-15.0, -13.0);
            });
    assertThat(Typeface.REGULAR.line("g", 20).outline().getBounds2D().getMaxY()).isPositive();
  }

  @Test
  void whatDoesNotFitEndsInAnEllipsis() {
    String text = "a label that is longer than its place";
    String shortened = Typeface.REGULAR.shorten(text, 15, 100);
    assertThat(shortened).startsWith("a label").endsWith("…").hasSizeLessThan(text.length());
    assertThat(Typeface.REGULAR.line(shortened, 15).width()).isLessThanOrEqualTo(100);
    assertThat(Typeface.REGULAR.shorten("cat", 15, 100)).isEqualTo("cat");
    assertThat(Typeface.REGULAR.shorten(text, 15, 0)).isEqualTo("…");
  }

  @Test
  void characterPairsAreNotCutInHalf() {
    String cats = "🐈".repeat(40);
    assertThat(Typeface.REGULAR.shorten(cats, 15, 100).codePoints())
        .allMatch(c -> c == "🐈".codePointAt(0) || c == '…');
  }

  @Test
  void greekAndCyrillicAreThere() {
    assertThat(Typeface.REGULAR.line("γάτα", 15).width()).isGreaterThan(20);
    assertThat(Typeface.REGULAR.line("кошка", 15).width()).isGreaterThan(25);
  }

  /** With fonts or without: something is drawn, and what follows comes behind it. */
  @Test
  void charactersThatTheFontLacksTakeTheirPlaceToo() {
    Typeface.Line alone = Typeface.REGULAR.line("猫", 15);
    assertThat(alone.width()).isGreaterThan(5);
    assertThat(alone.outline().getBounds2D().isEmpty()).isFalse();
    double following = Typeface.REGULAR.line("猫 cat", 15).width();
    assertThat(following)
        .isCloseTo(alone.width() + Typeface.REGULAR.line(" cat", 15).width(), within(0.01));
  }

  @Test
  void controlCharactersDrawNothing() {
    assertThat(Typeface.REGULAR.line("a\u001b\nb", 15).width())
        .isLessThanOrEqualTo(Typeface.REGULAR.line("a  b", 15).width());
  }
}
