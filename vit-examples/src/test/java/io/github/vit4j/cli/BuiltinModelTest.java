package io.github.vit4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.vit4j.config.Json;
import io.github.vit4j.hub.ModelFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The model that comes with the command line, on the photo that comes with it. */
class BuiltinModelTest {
  private static final String NAME = "vit-tiny-cifar10";
  private static final Path PHOTO = Path.of("photos/chelsea.png");

  @Test
  void isListed() {
    assertThat(ModelFiles.builtin()).contains(NAME);
  }

  @Test
  void seesTheCatWithoutAnyOption() {
    assertThat(Vit.run("classify", PHOTO).succeeds().out().lines().findFirst())
        .hasValueSatisfying(line -> assertThat(line).endsWith("  cat"));
  }

  @Test
  void namesTheClassesOfCifar10() {
    Vit vit = Vit.run("config", "--model", "builtin:" + NAME).succeeds();
    assertThat(vit.out()).contains("\"num_hidden_layers\"", "\"airplane\"");
  }

  /** All 10,000 test pictures: as often right as Python measured when the model was trained. */
  @Test
  void isAsAccurateAsPythonMeasured() throws IOException {
    Path data = Path.of("../../shared/data/cifar10-jpg.zip");
    assumeTrue(Files.exists(data), "skipped: there is no " + data);
    double expected;
    try (InputStream in =
        BuiltinModelTest.class.getResourceAsStream(
            "/io/github/vit4j/models/" + NAME + "/accuracy.json")) {
      expected = Json.readObject(in.readAllBytes()).get("test_accuracy").doubleValue();
    }
    Vit vit = Vit.run("accuracy", data, "--within", "test", "--json").succeeds();
    JsonNode result = Json.readObject(vit.out().getBytes(StandardCharsets.UTF_8));
    assertThat(result.get("photos").intValue()).isEqualTo(10_000);
    // The same pixels and weights: only rounding can tip a picture over.
    assertThat(result.get("top1").doubleValue()).isCloseTo(expected, within(0.0005));
    assertThat(expected).isGreaterThan(0.80);
  }
}
