package io.github.vit4j.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.ChildJvm;
import io.github.vit4j.error.ConfigException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResamplerTest {
  private static final Map<String, List<String>> RUNS =
      Map.of(
          "plain", List.of("off"),
          "vector", List.of("on"),
          "vector of 256 bits", List.of("on", "-XX:MaxVectorSize=32"),
          "vector of 128 bits", List.of("on", "-XX:MaxVectorSize=16"),
          "AVX2", List.of("on", "-XX:UseAVX=2"),
          "AVX1", List.of("on", "-XX:UseAVX=1"),
          "no AVX", List.of("on", "-XX:UseAVX=0"));

  @TestFactory
  Stream<DynamicTest> givesPillowsBytes() {
    return Stream.of("off", "on")
        .flatMap(
            vector ->
                ResamplerCheck.rows().stream()
                    .map(
                        row ->
                            DynamicTest.dynamicTest(
                                "vector " + vector + ": " + String.join(" ", row.subList(0, 6)),
                                () -> ResamplerCheck.check(loops(vector), row))));
  }

  private static ResamplerLoops loops(String vector) {
    boolean hasModule = ResamplerLoopsProvider.hasModule();
    Assumptions.assumeTrue(
        hasModule || !vector.equals("on"),
        "this JVM was not started with --add-modules jdk.incubator.vector");
    return ResamplerLoopsProvider.choose(vector, hasModule);
  }

  /** In JVMs of their own, which are told what their processor can. */
  @TestFactory
  Stream<DynamicTest> givesPillowsBytesOnOtherProcessors() {
    return RUNS.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(
            run ->
                DynamicTest.dynamicTest(
                    run.getKey(), () -> assertThat(run(run.getValue())).isZero()));
  }

  private static int run(List<String> wish) throws IOException, InterruptedException {
    List<String> options = new ArrayList<>();
    options.addAll(List.of("-XX:+IgnoreUnrecognizedVMOptions", "--add-modules"));
    options.addAll(List.of("jdk.incubator.vector", "-XX:+UseSerialGC"));
    options.addAll(wish.subList(1, wish.size()));
    options.add("-D%s=%s".formatted(ResamplerLoopsProvider.PROPERTY, wish.getFirst()));
    List<String> command = ChildJvm.command(options, ResamplerCheck.class.getName(), List.of());
    return ChildJvm.run(new ProcessBuilder(command).inheritIO(), Duration.ofMinutes(5));
  }

  @Test
  void choosesByTheModuleUnlessToldOtherwise() {
    assertThat(loops("on")).isInstanceOf(VectorResamplerLoops.class);
    assertThat(loops("auto")).isInstanceOf(VectorResamplerLoops.class);
    assertThat(ResamplerLoopsProvider.choose("auto", false))
        .isInstanceOf(PlainResamplerLoops.class);
    assertThat(ResamplerLoopsProvider.choose("off", true)).isInstanceOf(PlainResamplerLoops.class);
    assertThatThrownBy(() -> ResamplerLoopsProvider.choose("on", false))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("--add-modules jdk.incubator.vector");
    assertThatThrownBy(() -> ResamplerLoopsProvider.choose("yes\nno", true))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("auto, on or off")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }

  /** Widths around those of vectors, ends of arrays, and more weights than are kept expanded. */
  @ParameterizedTest
  @CsvSource({
    "3,7,2,3",
    "9,5,4,4",
    "33,9,11,4",
    "1,1,40,40",
    "400,3,11,2",
    "3,400,2,11",
    "17,31,16,30",
    "70000,1,60,1",
    "1,70000,1,60",
    "2000,2,1,1",
    "7,4,2000,3",
    "1100000,1,5,1"
  })
  void vectorsGiveTheSameBytes(int width, int height, int newWidth, int newHeight) {
    ResamplerLoops plain = loops("off");
    ResamplerLoops vector = loops("on");
    for (int channels : new int[] {1, 3}) {
      byte[] levels = GeneratedImages.levels(width, height, channels);
      for (Resampling resampling : Resampling.values()) {
        assertThat(
                Resampler.resize(
                    vector, levels, width, height, channels, newWidth, newHeight, resampling))
            .as("%d channels, %s", channels, resampling)
            .isEqualTo(
                Resampler.resize(
                    plain, levels, width, height, channels, newWidth, newHeight, resampling));
      }
    }
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
