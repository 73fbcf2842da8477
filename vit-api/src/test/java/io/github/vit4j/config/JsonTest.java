package io.github.vit4j.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  /** Against {@code src/test/reference/configs.py}. */
  @Test
  void writesFloatsAsPythonDoes() throws IOException {
    List<String> lines;
    try (InputStream in = JsonTest.class.getResourceAsStream("floats.txt")) {
      String text =
          new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.US_ASCII);
      lines = text.lines().toList();
    }
    assertThat(lines).hasSizeGreaterThan(400);
    for (String line : lines) {
      double value = Double.longBitsToDouble(Long.parseUnsignedLong(line.substring(0, 16), 16));
      assertThat(Json.pythonRepr(value)).as(line).isEqualTo(line.substring(17));
    }
  }

  @Test
  void writesWhatJsonHasNoNumbersForAsPythonDoes() {
    assertThat(Json.pythonRepr(Double.NaN)).isEqualTo("NaN");
    assertThat(Json.pythonRepr(Double.POSITIVE_INFINITY)).isEqualTo("Infinity");
    assertThat(Json.pythonRepr(Double.NEGATIVE_INFINITY)).isEqualTo("-Infinity");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "[]",
        "1",
        "null",
        "{",
        "{}x",
        "{} {}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":NaN}",
        "{'a':1}",
        "{\"a\":\"line\nbreak\"}",
        "\0"
      })
  void rejectsWhatIsNotOneObject(String text) {
    assertThatThrownBy(() -> Json.readObject(text.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(IOException.class)
        .message()
        .isNotBlank()
        .doesNotContain("\n");
  }

  @Test
  void rejectsDepthAndLengthThatOnlyAnAttackerNeeds() {
    String deep = "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
    String number = "{\"a\":" + "9".repeat(100_000) + "}";

    String manyValues = "{\"a\":[" + "[],".repeat(2_000_000) + "1]}";

    for (String text : List.of(deep, number, manyValues)) {
      assertThatThrownBy(() -> Json.readObject(text.getBytes(StandardCharsets.UTF_8)))
          .isInstanceOf(IOException.class)
          .message()
          .hasSizeLessThan(300)
          .doesNotContain("\n");
    }
  }
}
