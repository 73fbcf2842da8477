package io.github.vit4j.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Fuzzes {@link ImageReader} with Jazzer for a minute, half of it with each decoder, from the files
 * that the other tests read. For longer: {@code mvn -pl vit-api test -Dtest=ImageReaderFuzzTest
 * -Dvit4j.fuzz.seconds=600}, with other random numbers: {@code -Dvit4j.fuzz.seed=7}. What it finds
 * goes into {@code fuzz-findings.tsv}, which {@link FuzzFindingsTest} reads from then on.
 *
 * <p>In a process of its own, which has a small heap and may crash or hang.
 */
class ImageReaderFuzzTest {
  private static final int SECONDS = Integer.getInteger("vit4j.fuzz.seconds", 60) / 2;
  private static final int SEED = Integer.getInteger("vit4j.fuzz.seed", 1);

  /** Larger files make mutations slow. */
  private static final int MAX_SEED_BYTES = 50_000;

  @TempDir Path folder = Path.of("");

  @ParameterizedTest
  @ValueSource(strings = {"imageio", "opencv"})
  void findsNeitherHangNorUndocumentedExceptionNorExcessOfMemory(String decoder) throws Exception {
    assertThat(GeneratedImages.reader(decoder).decoder()).isEqualTo(decoder);
    Path seeds = Files.createDirectory(folder.resolve("seeds"));
    writeSeeds(seeds);
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:+EnableDynamicAgentLoading",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Djava.awt.headless=true",
                "-D%s=%s".formatted(ImageDecoders.PROPERTY, decoder),
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + ImageReaderFuzzTarget.class.getName(),
                "--instrumentation_includes=io.github.vit4j.**:com.twelvemonkeys.**:com.luciad.**",
                "--reproducer_path=" + folder,
                "-artifact_prefix=" + folder.resolve("found-"),
                "-seed=" + SEED,
                "-max_total_time=" + SECONDS,
                "-timeout=40",
                "-rss_limit_mb=3000",
                "-print_final_stats=1",
                Files.createDirectory(folder.resolve("corpus")).toString(),
                seeds.toString())
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      assertThat(process.waitFor(SECONDS + 120L, TimeUnit.SECONDS)).as("it ends").isTrue();
    } finally {
      process.destroyForcibly();
    }
    List<String> lines = Files.readAllLines(log);
    String end = String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
    assertThat(process.exitValue()).as(() -> end + found()).isZero();
    assertThat(end).contains("stat::number_of_executed_units");
    lines.stream()
        .filter(l -> l.startsWith("stat::"))
        .forEach(l -> System.out.println(decoder + " " + l));
  }

  private String found() {
    StringBuilder text = new StringBuilder();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file :
          files.filter(f -> f.getFileName().toString().startsWith("found-")).toList()) {
        byte[] bytes = Files.readAllBytes(file);
        text.append("\n").append(file.getFileName()).append("\t");
        text.append(Base64.getEncoder().encodeToString(bytes));
      }
    } catch (IOException e) {
      text.append(e);
    }
    return text.toString();
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
