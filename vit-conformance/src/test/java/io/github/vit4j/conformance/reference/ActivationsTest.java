package io.github.vit4j.conformance.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.config.Activation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The numbers of {@code activations.py}. */
class ActivationsTest {
  /**
   * Rounding, and nothing else: each formula has a few operations of half a unit in the last place
   * (2^-53 of the result) and one function (tanh, exp, erf) of up to 2.5 units, whose result may be
   * multiplied by x.
   */
  private static final double ROUNDING = 8 * 0x1p-52;

  @Test
  void agreeWithTransformersInFloat64() throws IOException {
    List<String> lines;
    try (InputStream table =
        Objects.requireNonNull(ActivationsTest.class.getResourceAsStream("activations.tsv"))) {
      lines = new String(table.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
    String[] names = lines.getFirst().split("\t", -1);
    assertThat(names).hasSize(1 + 22);
    for (String line : lines.subList(1, lines.size())) {
      String[] numbers = line.split("\t", -1);
      double x = Double.parseDouble(numbers[0]);
      for (int i = 1; i < names.length; i++) {
        double expected = Double.parseDouble(numbers[i]);
        assertThat(Math.abs(Activations.apply(Activation.ofName(names[i]), x) - expected))
            .as("%s(%s) = %s", names[i], x, expected)
            .isLessThanOrEqualTo(ROUNDING * Math.max(1, Math.abs(x)));
      }
    }
  }

  @Test
  void notANumberStaysNotANumber() {
    for (Activation activation : Activation.values()) {
      assertThat(Activations.apply(activation, Double.NaN)).as(activation.name()).isNaN();
    }
  }
}
