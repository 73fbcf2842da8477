package io.github.vit4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.conformance.ReferenceCase;
import io.github.vit4j.conformance.ReferenceCases;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.Checkpoint;
import io.github.vit4j.weights.Safetensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code vit export}. */
class ExportCommandTest {
  private static final String PYTHON = "VIT4J_PYTHON";

  @TempDir Path directory = Path.of("");

  private static Task task(ReferenceCase reference) {
    return switch (reference.architecture()) {
      case VIT_FOR_IMAGE_CLASSIFICATION -> Task.CLASSIFICATION;
      case VIT_MODEL -> Task.FEATURES;
      case VIT_FOR_MASKED_IMAGE_MODELING -> Task.MASKED;
    };
  }

  private Path inputs(ReferenceCase reference) {
    ViTInputs first = reference.runs().getFirst().inputs();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("pixel_values", first.pixelValues());
    Tensor mask = first.boolMaskedPos();
    if (mask != null && reference.architecture() == Architecture.VIT_FOR_MASKED_IMAGE_MODELING) {
      tensors.put("bool_masked_pos", mask);
    }
    Path file = directory.resolve("in.safetensors");
    Safetensors.write(file, tensors, Map.of());
    return file;
  }

  private Path run(ReferenceCase reference, Path model, Path inputs, String name) {
    Path file = directory.resolve(name);
    Vit.run(
            "run",
            "--backend",
            "onnx",
            "--task",
            task(reference).name().toLowerCase(Locale.ROOT),
            "--model",
            model,
            "--inputs",
            inputs,
            "--outputs",
            file)
        .succeeds();
    return file;
  }

  private static Vit export(ReferenceCase reference, String format, Path output) {
    return Vit.run(
        "export",
        "--model",
        reference.directory(),
        "--architecture",
        reference.architecture(),
        "--format",
        format,
        "--output",
        output);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "classifier",
        "model_with_pooler",
        "model_without_pooler",
        "masked",
        "masked_other_stride",
        "no_qkv_bias",
        "float16",
        "no_labels",
        "no_layers",
        "activation_mish",
        "activation_sqrtsoftplus",
        "rectangular_patch"
      })
  void pythonComputesTheSameFromBothFormats(String name) throws Exception {
    String python = System.getenv(PYTHON);
    Assumptions.assumeTrue(
        python != null,
        PYTHON + " names no Python with torch, onnx and onnxruntime to read exports with");
    ReferenceCase reference = ReferenceCases.named(name);
    Path torchScript = directory.resolve("model.pt");
    Path onnx = directory.resolve("model.onnx");
    export(reference, "torchscript", torchScript).succeeds();
    export(reference, "onnx", onnx).succeeds();
    Path inputs = inputs(reference);
    List<String> command = new ArrayList<>();
    command.add(Objects.requireNonNull(python));
    command.add("compare_exports.py");
    command.add(inputs.toString());
    command.add(run(reference, reference.directory(), inputs, "out.safetensors").toString());
    command.add(torchScript.toString());
    command.add(onnx.toString());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said).contains("model.pt: ", "model.onnx: ").doesNotContain("DIFFERS");
  }

  @Test
  void theOnnxFileRunsInThePlaceOfTheCheckpoint() throws IOException {
    ReferenceCase reference = ReferenceCases.named("classifier");
    Path exported = Files.createDirectory(directory.resolve("exported"));
    Files.copy(reference.directory().resolve("config.json"), exported.resolve("config.json"));
    assertThat(export(reference, "onnx", exported.resolve("model.onnx")).succeeds().out())
        .contains("model.onnx: ViTForImageClassification of ");
    Path inputs = inputs(reference);
    Tensor expected = logits(run(reference, reference.directory(), inputs, "a.safetensors"));
    Tensor actual = logits(run(reference, exported, inputs, "b.safetensors"));
    assertThat(actual.toFloatArray()).containsExactly(expected.toFloatArray(), within(1e-5f));
  }

  private static Tensor logits(Path file) {
    return Objects.requireNonNull(Checkpoint.open(file).get("logits")).tensor();
  }

  @Test
  void anotherArchitectureIsWrittenWhereTheCheckpointHasIt() {
    Path output = directory.resolve("model.pt");
    assertThat(
            Vit.run(
                    "export",
                    "--architecture",
                    "ViTModel",
                    "--format",
                    "torchscript",
                    "--output",
                    output)
                .succeeds()
                .out())
        .contains("ViTModel of builtin:vit-tiny-cifar10");
    assertThat(output).isNotEmptyFile();
  }

  @Test
  void mistakesAreOneLineAndLeaveNothingBehind() {
    Path output = directory.resolve("model.pt");
    Vit.run("export", "--format", "keras", "--output", output)
        .isWrongUsage("'keras' is not one of torchscript, onnx");
    Vit.run("export", "--output", output).isWrongUsage("--format");
    Vit.run("export", "--format", "onnx", "--output", directory.resolve("no/model.onnx"))
        .fails("there is no directory");
    Vit.run(
            "export",
            "--architecture",
            "ViTForMaskedImageModeling",
            "--format",
            "onnx",
            "--output",
            output)
        .fails("decoder");
    assertThat(directory).isEmptyDirectory();
  }
}
