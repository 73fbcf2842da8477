package io.github.vit4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code vit backends}. */
class BackendsCommandTest {
  @Test
  void theTableHasDevicesAndPrecisions() {
    assertThat(Vit.run("backends").succeeds().out().lines())
        .anyMatch(line -> line.matches("NAME +AVAILABLE +VERSION +DEVICE +PRECISIONS"))
        .anyMatch(line -> line.matches("onnx +yes +ONNX Runtime [0-9.]+ +cpu +float32.*"));
  }

  @Test
  void jsonHasTheSame() throws IOException {
    JsonNode array = Vit.run("backends", "--json", "--verbose").succeeds().json().get("array");
    assertThat(array.get(0).get("name").stringValue()).isEqualTo("onnx");
    assertThat(array.get(0).get("available").booleanValue()).isTrue();
    assertThat(array.get(0).get("devices").get(0).get("name").stringValue()).isEqualTo("cpu");
    for (JsonNode backend : array) {
      assertThat(backend.get("reason").isNull()).isEqualTo(backend.get("available").booleanValue());
    }
  }

  @Test
  void verboseMeasuresWhatInt8Changes() {
    assertThat(Vit.run("backends", "--verbose").succeeds().out().lines())
        .anyMatch(
            line ->
                line.matches(
                    "onnx cpu, int8 against float32: the same label for (20|21) of 21 photos, probabilities within"
                        + " 0\\.[01][0-9]*, by builtin:vit-tiny-cifar10"));
  }

  @Test
  void autoNeverChoosesInt8() {
    assertThat(Vit.run("backends", "--backend", "onnx").succeeds().out())
        .contains("These options choose onnx on cpu, float32: ");
    assertThat(Vit.run("backends", "--precision", "int8").succeeds().out())
        .contains("These options choose onnx on cpu, int8: ");
  }

  @Test
  void optionsSayWhichBackendServesThem() {
    assertThat(Vit.run("backends", "--device", "cpu", "--precision", "auto").succeeds().out())
        .contains("These options choose onnx on cpu, float32: ");
    assertThat(Vit.run("backends", "--backend", "abacus").err())
        .isEqualTo(Vit.run("backends", "--json", "--backend", "abacus").err())
        .startsWith("vit: no backend is named 'abacus'");
  }

  @Test
  void aModelIsOpened(@TempDir Path folder) {
    Path model = Fixtures.tinyModel(folder.resolve("model"));
    assertThat(Vit.run("backends", "--model", model, "--threads", 1).succeeds().out())
        .contains("runs on onnx", "on cpu, float32, 1 thread:");
  }
}
