package io.github.vit4j.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SoakTest {
  private static final long LIMIT = 1000;

  private static Soak.Outcome outcome(IntFunction<Held> at) {
    return new Soak.Outcome("runs", 100, IntStream.rangeClosed(0, 10).mapToObj(at).toList());
  }

  @Test
  void noiseIsFlat() {
    assertThat(outcome(i -> new Held(50_000L + 900L * (i % 2), 1000, 10, 20)).isFlat(LIMIT))
        .isTrue();
    // once, as a pool fills up late
    assertThat(outcome(i -> new Held(i == 10 ? 90_000 : 50_000, 0, 10, 20)).isFlat(LIMIT)).isTrue();
  }

  @Test
  void whatGrowsIsNot() {
    assertThat(outcome(i -> new Held(50_000L + 200L * i, 0, 10, 20)).isFlat(LIMIT)).isFalse();
    assertThat(outcome(i -> new Held(50_000, 200L * i, 10, 20)).isFlat(LIMIT)).isFalse();
    assertThat(outcome(i -> new Held(50_000, 0, 10L + 10L * i, 20)).isFlat(LIMIT)).isFalse();
    assertThat(outcome(i -> new Held(50_000, 0, 10, 20L + 10L * i)).isFlat(LIMIT)).isFalse();
  }

  @Test
  void growthIsOfTheMiddleReadings() {
    Soak.Outcome grown = outcome(i -> new Held(100L * i, 0, 0, 0));
    assertThat(grown.memoryGrowth()).isEqualTo(800);
  }
}
