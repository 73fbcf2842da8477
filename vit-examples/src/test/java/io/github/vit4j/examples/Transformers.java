package io.github.vit4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.vit4j.config.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** HuggingFace transformers itself, where a Python with it is at hand. */
final class Transformers {
  private static final String PYTHON =
      Objects.requireNonNullElse(System.getenv("VIT4J_PYTHON"), "");

  private Transformers() {}

  static void assumeInstalled() {
    assumeTrue(!PYTHON.isEmpty(), "skipped: VIT4J_PYTHON does not name a Python with transformers");
  }

  /** The logits that Python computes for chelsea.png with the model in {@code directory}. */
  static double[] logits(Path directory, Path folder) throws IOException {
    Path output = folder.resolve("logits.json");
    Path errors = folder.resolve("errors.txt");
    Process process =
        new ProcessBuilder(PYTHON, "reference/make_examples.py", "--model", directory.toString())
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile())
            .start();
    try {
      assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(errors)).isZero();
    String json = "{\"logits\": " + Files.readString(output) + "}";
    JsonNode logits = Json.readObject(json.getBytes(StandardCharsets.UTF_8)).get("logits").get(0);
    return logits.valueStream().mapToDouble(JsonNode::doubleValue).toArray();
  }
}
