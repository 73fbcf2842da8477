package io.github.vit4j.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ResamplerTest {
  @TestFactory
  Stream<DynamicTest> givesPillowsBytes() {
    return GeneratedImages.rows(ResamplerTest.class, "resampler.tsv").stream()
        .map(row -> DynamicTest.dynamicTest(String.join(" ", row.subList(0, 6)), () -> check(row)));
  }

  private static void check(List<String> row) {
    int[] n = row.subList(0, 6).stream().mapToInt(Integer::parseInt).toArray();
    Resampling resampling = Resampling.ofPillowNumber(n[5]).orElseThrow();
    byte[] levels = GeneratedImages.levels(n[0], n[1], n[2]);
    byte[] original = levels.clone();
    byte[] resized =
        n[2] == 3
            ? Resampler.resize(RgbImage.of(n[0], n[1], levels), n[3], n[4], resampling).rgb()
            : Resampler.resizeGrey(levels, n[0], n[1], n[3], n[4], resampling);
    assertThat(GeneratedImages.sha256(resized)).isEqualTo(row.get(6));
    assertThat(levels).as("the input").isEqualTo(original);
  }

  @Test
  void numbersAreThoseOfPillow() {
    assertThat(Resampling.values())
        .extracting(Resampling::pillowNumber)
        .containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(Resampling.ofPillowNumber(6)).isEmpty();
    assertThat(Resampling.ofPillowNumber(-1)).isEmpty();
  }

  @Test
  void refusesImpossibleSizes() {
    RgbImage image = GeneratedImages.rgb(2, 2);
    assertThatThrownBy(() -> Resampler.resize(image, 0, 2, Resampling.BOX))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Resampler.resize(image, 100_000, 100_000, Resampling.NEAREST))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Resampler.resizeGrey(new byte[5], 2, 2, 1, 1, Resampling.BOX))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
