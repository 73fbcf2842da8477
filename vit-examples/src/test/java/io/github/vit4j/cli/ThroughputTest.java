package io.github.vit4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many images at once: {@code vit classify}, {@code features} and {@code accuracy}. */
class ThroughputTest {
  private static final int PHOTOS = 70;
  private static final int BAD = 33;

  @TempDir static Path folder = Path.of("");
  private static Path model = Path.of("");
  private static Path photos = Path.of("");
  private static Path bad = Path.of("");

  @BeforeAll
  static void makeModelAndPhotos() throws IOException {
    model = Fixtures.tinyModel(folder.resolve("model"));
    photos = Files.createDirectory(folder.resolve("photos"));
    for (int i = 0; i < PHOTOS; i++) {
      Fixtures.image(photos.resolve("%02d.png".formatted(i)), 0x030201 * i);
    }
    bad = Files.writeString(photos.resolve(BAD + ".png"), "no picture");
  }

  private static List<String> names(Vit result) {
    return result.out().lines().filter(line -> !line.startsWith(" ")).toList();
  }

  @Test
  void resultsComeInOrderAndABadPhotoIsOneLine() {
    List<String> expected =
        IntStream.range(0, PHOTOS)
            .filter(i -> i != BAD)
            .mapToObj(i -> photos.resolve("%02d.png".formatted(i)).toString())
            .toList();
    Vit usual = Vit.run("classify", "--model", model, "--top-k", 1, photos);
    assertThat(usual.exitCode()).isEqualTo(1);
    assertThat(usual.err().lines()).singleElement().asString().contains(bad.toString());
    assertThat(names(usual)).isEqualTo(expected);
    for (List<Object> options :
        List.<List<Object>>of(
            List.of("--callers", 3),
            List.of("--threads", 1),
            List.of("--callers", 2, "--threads", 2, "--batch-size", 5),
            List.of("--backend", "tornado", "--batch-size", 3))) {
      List<Object> words = new ArrayList<>(List.of("classify", "--model", model));
      words.addAll(options);
      words.addAll(List.of("--top-k", 1, photos));
      Vit result = Vit.run(words.toArray());
      assertThat(result.exitCode()).as("%s", options).isEqualTo(1);
      assertThat(result.out()).as("%s", options).isEqualTo(usual.out());
    }
  }

  @Test
  void failFastStopsAtTheBadPhotoBehindTheOnesBefore() {
    Vit result = Vit.run("classify", "--model", model, "--top-k", 1, "--fail-fast", photos);
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err().lines()).singleElement().asString().contains(bad.toString());
    assertThat(names(result)).hasSize(BAD);
  }

  @Test
  void theNumberOfCallersIsChecked() {
    Vit result = Vit.run("features", "--callers", -1, "--output", "f.safetensors", photos);
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("--callers must be from 0").contains("got -1");
  }

  @Test
  void accuracyLeavesOutABadPhoto() throws IOException {
    Path labelled = Files.createDirectory(folder.resolve("labelled"));
    for (int label = 0; label < 3; label++) {
      Path of = Files.createDirectory(labelled.resolve("LABEL_" + label));
      Fixtures.image(of.resolve("a.png"), 0xff << (8 * label));
    }
    Path broken = Files.writeString(labelled.resolve("LABEL_1").resolve("b.png"), "no picture");
    Vit result = Vit.run("accuracy", "--model", model, labelled);
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err().lines()).singleElement().asString().contains(broken.toString());
    // A model of three labels has the right one among its best five.
    assertThat(result.out()).startsWith("3 photos: top-1 ").contains("top-5 100.00 %");

    Vit fast = Vit.run("accuracy", "--model", model, "--fail-fast", labelled);
    assertThat(fast.exitCode()).isEqualTo(1);
    assertThat(fast.err().lines()).singleElement().asString().contains(broken.toString());
    assertThat(fast.out()).isEmpty();
  }
}
