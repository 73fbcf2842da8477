package io.github.vit4j.error;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OneLineTest {
  @Test
  void controlCharactersBecomeOneSpaceAndNoneAtTheEnds() {
    assertThat(OneLine.of("\r\n a\r\n\u001bb\u2028c\u0085d\n")).isEqualTo(" a b c d");
    assertThat(OneLine.of("naïve 😀 x")).isEqualTo("naïve 😀 x");
  }

  @Test
  void nothingChangesTheDirectionOfWriting() {
    assertThat(OneLine.of("a\u202a\u202b\u202c\u202d\u202eb\u2066\u2067\u2068\u2069c"))
        .isEqualTo("abc");
  }

  @Test
  void whatIsVeryLongIsCutBetweenCharacters() {
    assertThat(OneLine.of("x".repeat(1_999))).hasSize(1_999);
    assertThat(OneLine.of("x".repeat(5_000))).isEqualTo("x".repeat(2_000) + " ...");
    assertThat(OneLine.of("😀😀😀", 3)).isEqualTo("😀😀 ...");
  }

  @Test
  void aFailureWithoutWordsIsItsClass() {
    assertThat(OneLine.of(new IllegalStateException("a\nb"))).isEqualTo("a b");
    assertThat(OneLine.of(new IllegalStateException()))
        .isEqualTo("java.lang.IllegalStateException");
    assertThat(OneLine.of(new IllegalStateException(" \n")))
        .isEqualTo("java.lang.IllegalStateException");
    assertThat(OneLine.of(new Mute())).isEqualTo(Mute.class.getName());
  }

  private static final class Mute extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new AssertionError("not now");
    }
  }

  @Test
  void aReasonIsWhatLiesAtTheBottomOfASilentFailure() {
    Throwable bottom = new IllegalStateException("no\n\t libgomp ");
    assertThat(OneLine.reason(new ExceptionInInitializerError(bottom))).isEqualTo("no libgomp");
    assertThat(OneLine.reason(new RuntimeException(null, bottom))).isEqualTo("no libgomp");
    assertThat(OneLine.reason(new RuntimeException("what it says", bottom)))
        .isEqualTo("what it says");
    assertThat(OneLine.reason(new IllegalStateException())).isEqualTo("IllegalStateException");
    assertThat(OneLine.reason(new IllegalStateException("x".repeat(500))))
        .isEqualTo("x".repeat(400) + " ...");
  }
}
