package io.github.vit4j.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.github.vit4j.conformance.ReferenceCase;
import io.github.vit4j.conformance.ReferenceCases;
import io.github.vit4j.conformance.ReferenceRun;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.ModelSource;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.Tensor;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportedSessionTest {
  private static Path torchExport() throws URISyntaxException {
    return Path.of(
        Objects.requireNonNull(ExportedSessionTest.class.getResource("/export/model.onnx"))
            .toURI());
  }

  private static ViTSession open(String name, Path file) {
    ModelDefinition model = ReferenceCases.named(name).model();
    return new OnnxBackendProvider()
        .open(
            new ModelDefinition(
                model.config(), model.architecture(), new ModelSource.ExportedOnnx(file)),
            new SessionOptions("cpu", Precision.FP32, 1, false));
  }

  /** The graph that is built here, as a file beside the weights. */
  private static Path export(Path directory, String name, boolean masked, Output... outputs)
      throws IOException {
    ReferenceCase reference = ReferenceCases.named(name);
    ModelDefinition model = reference.model();
    try (WeightSource weights = new WeightSource((ModelSource.Weights) model.source())) {
      byte[] graph =
          ViTGraph.build(
              model.config(),
              new GraphKey(Set.of(outputs), masked, false),
              weights.inFiles(),
              new HashMap<>(),
              null);
      Files.copy(
          reference.directory().resolve("model.safetensors"),
          directory.resolve("model.safetensors"));
      return Files.write(directory.resolve("model.onnx"), graph);
    }
  }

  /** In the cache of the hub, graph and weights are links into a folder of files without names. */
  @Test
  void runsFromTheCacheOfTheHub(@TempDir Path directory) throws IOException {
    export(directory, "classifier", false, Output.LOGITS);
    Path blobs = Files.createDirectories(directory.resolve("cache/blobs"));
    Path snapshot = Files.createDirectories(directory.resolve("cache/snapshots/commit"));
    for (String file : new String[] {"model.onnx", "model.safetensors"}) {
      Files.move(directory.resolve(file), blobs.resolve("etag-of-" + file));
      Files.createSymbolicLink(
          snapshot.resolve(file), Path.of("../../blobs").resolve("etag-of-" + file));
    }
    try (ViTSession session = open("classifier", snapshot.resolve("model.onnx"))) {
      ReferenceRun run = ReferenceCases.named("classifier").runs().getFirst();
      ViTInputs inputs =
          new ViTInputs(run.inputs().pixelValues(), null, false, Set.of(Output.LOGITS));
      Comparison.agrees(
          Comparison.expected(run, "logits"), Objects.requireNonNull(session.run(inputs).logits()));
    }
  }

  @Test
  void runsWhatTorchExported() throws URISyntaxException {
    try (ViTSession session = open("one_channel", torchExport())) {
      for (ReferenceRun run : ReferenceCases.named("one_channel").runs()) {
        ViTInputs inputs =
            new ViTInputs(run.inputs().pixelValues(), null, false, Set.of(Output.LOGITS));
        ViTOutputs outputs = session.run(inputs);
        Comparison.agrees(
            Comparison.expected(run, "logits"), Objects.requireNonNull(outputs.logits()));
        assertThat(outputs.lastHiddenState()).isNull();
      }
      assertThat(session.info().precision()).isEqualTo(Precision.FP32);
    }
  }

  @Test
  void findsEveryOutputByName(@TempDir Path directory) throws IOException {
    Path file =
        export(
            directory,
            "masked",
            true,
            Output.RECONSTRUCTION,
            Output.LAST_HIDDEN_STATE,
            Output.HIDDEN_STATES,
            Output.ATTENTIONS);
    try (ViTSession session = open("masked", file)) {
      for (ReferenceRun run : ReferenceCases.named("masked").runs()) {
        if (run.inputs().interpolatePosEncoding()) {
          assertThatThrownBy(() -> session.run(run.inputs()))
              .isInstanceOf(InvalidInputException.class)
              .hasMessageContaining("was exported for pixel_values [-1, 3, 8, 8]");
          continue;
        }
        Comparison.agrees(run, session.run(run.inputs()));
      }
    }
  }

  @Test
  void saysWhatTheGraphHas() throws URISyntaxException {
    try (ViTSession session = open("one_channel", torchExport())) {
      Tensor pixels = Tensor.of(new float[64], 1, 1, 8, 8);
      assertThatThrownBy(
              () -> session.run(new ViTInputs(pixels, null, false, Set.of(Output.ATTENTIONS))))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("has no output attentions; it has [logits, last_hidden_state]");
    }
  }

  @Test
  void refusesAMaskThatTheGraphCannotTake(@TempDir Path directory) throws IOException {
    Path file = export(directory, "masked", false, Output.RECONSTRUCTION);
    try (ViTSession session = open("masked", file)) {
      Tensor pixels = Tensor.of(new float[192], 1, 3, 8, 8);
      Tensor mask = Tensor.of(new boolean[4], 1, 4);
      assertThatThrownBy(
              () -> session.run(new ViTInputs(pixels, mask, false, Set.of(Output.RECONSTRUCTION))))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("has no such input");
    }
  }

  @Test
  void afterClosingIsAnError() throws URISyntaxException {
    ViTSession session = open("one_channel", torchExport());
    session.close();
    session.close();
    assertThatThrownBy(
            () ->
                session.run(
                    new ViTInputs(
                        Tensor.of(new float[64], 1, 1, 8, 8), null, false, Set.of(Output.LOGITS))))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void hostileFilesAreOneLineErrors(@TempDir Path directory) throws Exception {
    byte[] good = Files.readAllBytes(torchExport());
    Path file = directory.resolve("model.onnx");
    refuses(file, "no file");
    refuses(directory, "no file");
    for (byte[] bytes :
        new byte[][] {
          new byte[0],
          "not a graph".getBytes(StandardCharsets.UTF_8),
          Arrays.copyOf(good, good.length / 2),
          Arrays.copyOf(good, 100),
          new byte[5000]
        }) {
      Files.write(file, bytes);
      refuses(file, "");
    }
    for (int position = 1; position < 4000; position += 97) {
      byte[] broken = good.clone();
      broken[position] ^= (byte) 0x7f;
      Files.write(file, broken);
      try (ViTSession session = open("one_channel", file)) {
        assertThat(session.info().backend()).isEqualTo("onnx"); // some bytes do not matter
      } catch (BackendException e) {
        assertThat(e.getMessage()).doesNotContain("\n");
      }
    }
  }

  @Test
  void otherGraphsAreRefused(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("model.onnx");
    GraphBuilder graph = GraphBuilder.forOnnxRuntime();
    graph.output("logits", graph.input("input_ids", DataType.FLOAT, "batch", 3), 2);
    Files.write(file, graph.build().toByteArray());
    refuses(file, "[input_ids]");
    graph = GraphBuilder.forOnnxRuntime();
    graph.input(ViTGraph.PIXEL_VALUES, DataType.INT64, "batch", 1, 8, 8);
    graph.output("logits", graph.constant(1f), 0);
    Files.write(file, graph.build().toByteArray());
    refuses(file, "INT64");
  }

  @Test
  void weightsOutsideTheDirectoryAreRefused(@TempDir Path directory) throws IOException {
    Path inside = Files.createDirectory(directory.resolve("inside"));
    Path file = export(inside, "masked", false, Output.RECONSTRUCTION);
    Files.move(inside.resolve("model.safetensors"), directory.resolve("model.safetensors"));
    byte[] graph = Files.readAllBytes(file);
    refuses(file, "");
    Files.createSymbolicLink(
        inside.resolve("model.safetensors"), directory.resolve("model.safetensors"));
    Files.write(file, graph);
    refuses(file, "");
  }

  private static void refuses(Path file, String message) {
    assertThatThrownBy(() -> open("one_channel", file).close())
        .isInstanceOf(BackendException.class)
        .hasMessageContaining(message)
        .message()
        .doesNotContain("\n");
  }
}
