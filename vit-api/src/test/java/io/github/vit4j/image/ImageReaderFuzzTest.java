package io.github.vit4j.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.Fuzzing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Fuzzes {@link ImageReader} with Jazzer for a minute, a third of it with each decoder, from the
 * files that the other tests read. For longer: {@code mvn -pl vit-api test
 * -Dtest=ImageReaderFuzzTest -Dvit4j.fuzz.seconds=600}, with other random numbers: {@code
 * -Dvit4j.fuzz.seed=7}. What it finds goes into {@code fuzz-findings.tsv}, which {@link
 * FuzzFindingsTest} reads from then on.
 */
class ImageReaderFuzzTest {
  /** Larger files make mutations slow. */
  private static final int MAX_SEED_BYTES = 50_000;

  @TempDir Path folder = Path.of("");

  @ParameterizedTest
  @ValueSource(strings = {"imageio", "turbojpeg", "opencv"})
  void findsNeitherHangNorUndocumentedExceptionNorExcessOfMemory(String decoder) throws Exception {
    assertThat(GeneratedImages.reader(decoder).decoder()).isEqualTo(decoder);
    Path seeds = Files.createDirectory(folder.resolve("seeds"));
    writeSeeds(seeds);
    Fuzzing.run(
        ImageReaderFuzzTarget.class,
        folder,
        seeds,
        Fuzzing.seconds(60) / 3,
        "io.github.vit4j.**:com.twelvemonkeys.**:com.luciad.**",
        "-D%s=%s".formatted(ImageDecoders.PROPERTY, decoder));
  }

  private static void writeSeeds(Path seeds) throws IOException {
    int number = 0;
    for (List<String> sample : GeneratedImages.rows(ImageReaderTest.class, "samples.tsv")) {
      Files.write(seeds.resolve("sample-" + number++), Base64.getDecoder().decode(sample.get(4)));
    }
    for (Path photo : GeneratedImages.photos()) {
      if (Files.size(photo) <= MAX_SEED_BYTES) {
        Files.copy(photo, seeds.resolve("photo-" + number++));
      }
    }
  }
}
