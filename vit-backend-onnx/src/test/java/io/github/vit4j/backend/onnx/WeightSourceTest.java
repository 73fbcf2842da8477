package io.github.vit4j.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.TensorProto;
import io.github.vit4j.conformance.ReferenceCase;
import io.github.vit4j.conformance.ReferenceCases;
import io.github.vit4j.conformance.ReferenceRun;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.ModelSource;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.weights.Checkpoint;
import io.github.vit4j.weights.FileIdentity;
import io.github.vit4j.weights.FileRegion;
import io.github.vit4j.weights.ModelWeights;
import io.github.vit4j.weights.Weight;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where ONNX Runtime finds the weights: that they are the right ones shows in the logits. */
class WeightSourceTest {
  private static final ReferenceCase REFERENCE = ReferenceCases.named("classifier");

  @Test
  void pointsIntoTheFile() {
    try (WeightSource source = new WeightSource(weights(REFERENCE.model()))) {
      FileRegion region =
          Objects.requireNonNull(
              Objects.requireNonNull(REFERENCE.model().weight("classifier.weight")).region());
      TensorProto tensor = source.inFiles().declare("classifier.weight", 5, 12);
      assertThat(source.inFiles().directory()).isEqualTo(region.file().getParent());
      assertThat(entries(tensor))
          .containsEntry("location", "model.safetensors")
          .containsEntry("offset", Long.toString(region.offset()))
          .containsEntry("length", Long.toString(region.length()));
    }
  }

  private static Map<String, String> entries(TensorProto tensor) {
    Map<String, String> entries = new HashMap<>();
    tensor.getExternalDataList().forEach(e -> entries.put(e.getKey(), e.getValue()));
    return entries;
  }

  @Test
  void takesShardsOfOneDirectory(@TempDir Path directory) throws IOException {
    Path first = copy(directory.resolve("model-00001-of-00002.safetensors"), 0);
    Path second = copy(directory.resolve("model-00002-of-00002.safetensors"), 0);
    Map<String, Integer> count = new HashMap<>();
    agrees(
        moved(
            (name, region) ->
                in(
                    count.merge("", 1, Integer::sum) % 2 == 0 ? first : second,
                    region.offset(),
                    region.length())));
  }

  @Test
  void takesFilesOfSeveralDirectories(@TempDir Path directory) throws IOException {
    Path first = copy(Files.createDirectory(directory.resolve("a")).resolve("weights"), 0);
    Path second = copy(Files.createDirectory(directory.resolve("b")).resolve("weights"), 0);
    agrees(
        moved(
            (name, region) ->
                in(name.contains("query") ? first : second, region.offset(), region.length())));
  }

  @Test
  void takesFilesWhoseTensorsAreNotAligned(@TempDir Path directory) throws IOException {
    Path file = copy(directory.resolve("model.safetensors"), 1);
    agrees(moved((name, region) -> in(file, region.offset() + 1, region.length())));
  }

  /** In the cache of the hub, a model's files are links into another folder. */
  @Test
  void takesFilesOfTheCacheOfTheHub(@TempDir Path directory) throws IOException {
    Path blob = copy(Files.createDirectory(directory.resolve("blobs")).resolve("etag"), 0);
    Path snapshot = Files.createDirectories(directory.resolve("snapshots/commit"));
    Files.createSymbolicLink(
        snapshot.resolve("model.safetensors"), Path.of("../../blobs").resolve(blob.getFileName()));
    ModelDefinition model = REFERENCE.model();
    agrees(
        new ModelDefinition(
            model.config(),
            model.architecture(),
            new ModelSource.Weights(
                ModelWeights.resolve(
                    Checkpoint.open(snapshot),
                    model.config(),
                    model.architecture(),
                    Optional.empty(),
                    OptionalLong.empty()))));
  }

  private static FileRegion in(Path file, long offset, long length) {
    try {
      return new FileRegion(file, FileIdentity.of(file), offset, length);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Path copy(Path target, int shift) throws IOException {
    byte[] bytes = Files.readAllBytes(REFERENCE.directory().resolve("model.safetensors"));
    byte[] shifted = new byte[bytes.length + shift];
    System.arraycopy(bytes, 0, shifted, shift, bytes.length);
    return Files.write(target, shifted).toRealPath();
  }

  private static ModelSource.Weights weights(ModelDefinition model) {
    return (ModelSource.Weights) model.source();
  }

  private static ModelDefinition moved(BiFunction<String, FileRegion, FileRegion> move) {
    ModelDefinition model = REFERENCE.model();
    Map<String, Weight> moved = new LinkedHashMap<>();
    weights(model)
        .byName()
        .forEach(
            (name, weight) ->
                moved.put(
                    name,
                    new Weight(
                        name,
                        weight.tensor(),
                        move.apply(name, Objects.requireNonNull(weight.region())))));
    return new ModelDefinition(
        model.config(), model.architecture(), new ModelSource.Weights(moved));
  }

  private static void agrees(ModelDefinition model) {
    try (ViTSession session =
        new OnnxBackendProvider()
            .open(model, new SessionOptions("cpu", Precision.FP32, 1, false))) {
      for (ReferenceRun run : REFERENCE.runs()) {
        Comparison.agrees(run, session.run(run.inputs()));
      }
    }
  }
}
