package io.github.vit4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** That the committed cases are those that transformers gives, where transformers is there. */
class ReproductionTest {
  @Test
  void theScriptMakesTheSameBytes() throws Exception {
    String python = Objects.requireNonNullElse(System.getenv("VIT4J_PYTHON"), "");
    Assumptions.assumeTrue(
        !python.isEmpty(),
        "VIT4J_PYTHON does not name a Python with reference/requirements.txt installed");
    Path script = Path.of("reference", "make_cases.py").toAbsolutePath();
    assertThat(Files.exists(script)).as("run in the module's directory: %s", script).isTrue();
    Process process =
        new ProcessBuilder(python, script.toString(), "--check").redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }
}
