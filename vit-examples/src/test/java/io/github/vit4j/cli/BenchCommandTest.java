package io.github.vit4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.vit4j.config.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code vit bench} and {@code vit soak}, as short as they can be. */
class BenchCommandTest {
  @TempDir static Path folder = Path.of("");
  private static Path model = Path.of("");
  private static Path withoutLabels = Path.of("");

  @BeforeAll
  static void makeModel() {
    model = Fixtures.tinyModel(folder.resolve("model"));
    withoutLabels = Fixtures.tinyModel(folder.resolve("without"), "--num-labels=0");
  }

  private static ObjectNode json(Vit result) throws IOException {
    return Json.readObject(result.out().getBytes(StandardCharsets.UTF_8));
  }

  private static List<JsonNode> of(ObjectNode json, String section) {
    return json.get("measurements")
        .valueStream()
        .filter(m -> m.get("section").stringValue().equals(section))
        .toList();
  }

  @Test
  void measuresRunsOfEveryBatchAndNumberOfCallers() throws IOException {
    long start = System.nanoTime();
    Vit result =
        Vit.run(
                "bench",
                "--model",
                model,
                "--backend",
                "onnx",
                "--only-model",
                "--json",
                "--turns",
                "3",
                "--seconds",
                "0.05",
                "--batch",
                "1,2",
                "--callers",
                "1,2")
            .succeeds();
    double took = (System.nanoTime() - start) / 1e9;
    List<JsonNode> runs = of(json(result), "runs");
    assertThat(runs).hasSize(4);
    for (JsonNode run : runs) {
      JsonNode seconds = run.get("seconds");
      assertThat(seconds.get("turns")).hasSize(3);
      // A run takes some time, and less than all of them.
      assertThat(seconds.get("median").doubleValue()).isBetween(1e-6, took);
      assertThat(run.get("images/s").doubleValue())
          .isEqualTo(
              Integer.parseInt(run.get("batch").stringValue())
                  / seconds.get("median").doubleValue());
      assertThat(run.has("ratio")).isFalse();
    }
  }

  @Test
  void measuresPhotosToo() {
    Vit result =
        Vit.run(
                "bench",
                "--model",
                model,
                "--backend",
                "onnx",
                "--turns",
                "1",
                "--seconds",
                "0.01",
                "--batch",
                "1",
                "--markdown")
            .succeeds();
    assertThat(result.out())
        .contains("### Model on tensors", "| onnx | cpu | float32 | 1 |")
        .contains("### Photo files to pixel values", "### Photo files to labels")
        .contains("### Loading, in a process of its own")
        .contains("left out: the whole process")
        .contains("--against PYTHON gives both");
  }

  @Test
  void comparesWithPython() throws IOException {
    String python = System.getenv("VIT4J_PYTHON");
    assumeTrue(python != null, "skipped: VIT4J_PYTHON does not name a Python with transformers");
    Vit result =
        Vit.run(
                "bench",
                "--model",
                model,
                "--backend",
                "onnx",
                "--turns",
                "2",
                "--seconds",
                "0.02",
                "--batch",
                "1",
                "--only-model",
                "--json",
                "--against",
                python)
            .succeeds();
    ObjectNode json = json(result);
    assertThat(of(json, "runs"))
        .anySatisfy(
            run -> {
              assertThat(run.get("ours").booleanValue()).isTrue();
              assertThat(run.get("ratio").get("median").doubleValue()).isPositive();
              assertThat(run.get("% of sgemm").doubleValue()).isBetween(1e-6, 100.0);
            })
        .anySatisfy(
            run -> {
              assertThat(run.get("engine").stringValue()).isEqualTo("transformers");
              assertThat(run.get("ratio").get("median").doubleValue()).isEqualTo(1);
            });
    assertThat(json.get("notes").valueStream().map(JsonNode::stringValue))
        .anyMatch(
            note ->
                note.matches("onnx on cpu in float32: logits differ .* by \\d\\.\\de-0[5-9] .*"));
  }

  @Test
  void refusesWhatCannotBeMeasured() {
    Vit.run("bench", "--batch", "0").isWrongUsage("--batch", "got 0");
    Vit.run("bench", "--turns", "0").isWrongUsage("--turns");
    Vit.run("bench", "--seconds", "NaN").isWrongUsage("--seconds");
    Vit.run("bench", "--json", "--markdown").isWrongUsage("choose one");
    Vit.run("bench", "--backends", "none").isWrongUsage("--backends none", "onnx");
    Vit.run("bench", "--photos", folder.resolve("none")).fails("none");
    Vit.run("bench", "--model", withoutLabels).fails("has no labels", "--model");
    Vit.run("bench", "--model", model, "--backend", "onnx", "--against", "/no/such/python")
        .fails("/no/such/python", "torch");
  }

  @Test
  void soakPrintsALineForRunsAndForCycles() {
    Vit result =
        Vit.run(
            "soak",
            "--model",
            model,
            "--backend",
            "onnx",
            "--runs",
            "20",
            "--cycles",
            "10",
            "--limit",
            "1000");
    result.succeeds();
    assertThat(result.out().lines()).hasSize(3);
    assertThat(result.out()).contains("onnx on cpu, float32", "open, run, close", "flat");
  }

  @Test
  void soakRefusesTooFew() {
    Vit.run("soak", "--runs", "9").isWrongUsage("--runs must be at least 10");
    Vit.run("soak", "--model", withoutLabels).fails("has no labels", "--model");
  }
}
