package io.github.vit4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code vit example}; what the programs find is in ExamplesTest. */
class ExampleCommandTest {
  @TempDir Path folder = Path.of("");
  private PrintStream out = System.out;

  @BeforeEach
  void hush() {
    out = System.out;
    System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
  }

  @AfterEach
  void release() {
    System.setOut(out);
  }

  private static Stream<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList().stream();
    }
  }

  @Test
  void allOfThemWriteIntoOneFolder() throws IOException {
    Path pictures = folder.resolve("pictures");
    Vit.run("example", "--all", "--output", pictures).succeeds();
    assertThat(names(pictures))
        .containsExactly(
            "1-image-classification.png",
            "2-masked-image-modeling.png",
            "3-feature-extraction.png",
            "4-custom-configuration.png",
            "5-image-preprocessing.png",
            "6-attention-rollout.png");
  }

  @Test
  void theBackendIsAnOption() throws IOException {
    Path model = Fixtures.tinyModel(folder.resolve("model"));
    Path photo = Fixtures.image(folder.resolve("red.png"), 0xff0000);
    Path pictures = folder.resolve("pictures");
    String[] options = {"--backend", "reference", "--device", "cpu", "--precision", "float32"};
    Object[] arguments =
        Stream.concat(
                Stream.of("example", "ImageClassification", photo, model, "--output", pictures),
                Stream.of(options))
            .toArray();
    Vit.run(arguments).succeeds();
    assertThat(names(pictures)).containsExactly("1-image-classification.png");
    Vit.run("example", "ImageClassification", "--backend", "abacus", "--output", pictures)
        .fails("'abacus'", "onnx");
    Vit.run("example", "ImageClassification", "missing.png", "--output", pictures)
        .fails("missing.png");
    Vit.run("example", "ImageClassification", photo, "nowhere").fails("no model at 'nowhere'");
    Vit.run("example", "ImageClassification", photo, model, "--output", photo)
        .fails("red.png is no folder");
  }

  @Test
  void wrongArgumentsAreToldInOneLine() {
    Vit.run("example").isWrongUsage("name an example", "ImageClassification");
    Vit.run("example", "Nothing").isWrongUsage("no example is named 'Nothing'", "AttentionRollout");
    Vit.run("example", "--all", "ImageClassification").isWrongUsage("--all runs all examples");
    Vit.run("example", "--everything").isWrongUsage("unknown option '--everything'");
    Vit.run("example", "ImageClassification", "a", "b", "c")
        .isWrongUsage("ImageClassification takes at most 2 arguments, got 3");
  }

  @Test
  void theHelpNamesThemAll() {
    assertThat(Vit.run("example", "--help").succeeds().out())
        .contains("ImageClassification [PHOTO [MODEL]]", "GuiceInjection", "--output", "--backend");
  }
}
