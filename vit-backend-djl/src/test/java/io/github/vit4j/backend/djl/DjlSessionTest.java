package io.github.vit4j.backend.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.pytorch.jni.JniUtils;
import io.github.vit4j.conformance.NamedOutputs;
import io.github.vit4j.conformance.ReferenceCase;
import io.github.vit4j.conformance.ReferenceCases;
import io.github.vit4j.conformance.ReferenceRun;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.Checkpoint;
import io.github.vit4j.weights.Safetensors;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the conformance kit does not ask: files that change, and the threads of PyTorch itself. */
class DjlSessionTest {
  @TempDir Path directory = Path.of("");

  private static final ReferenceCase CASE = ReferenceCases.named("classifier");

  private ModelDefinition copy() throws IOException {
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(CASE.directory().resolve(file), directory.resolve(file));
    }
    return ReferenceCase.definition(directory, CASE.architecture());
  }

  private Path file() {
    return directory.resolve("model.safetensors");
  }

  private static ViTSession open(ModelDefinition model, int threads) {
    return new DjlBackendProvider()
        .open(model, new SessionOptions("cpu", Precision.FP32, threads, false));
  }

  private static float[] run(ViTSession session) {
    ReferenceRun run = CASE.runs().getFirst();
    return NamedOutputs.of(session.run(run.inputs())).values().iterator().next().toFloatArray();
  }

  private static float[] expected() {
    try (ViTSession session = open(CASE.model(), 1)) {
      return run(session);
    }
  }

  private void replaceWithZeros() {
    Checkpoint checkpoint = Checkpoint.open(directory);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (String name : checkpoint.names()) {
      Tensor tensor = Objects.requireNonNull(checkpoint.get(name)).tensor();
      tensors.put(name, Tensor.of(new float[(int) tensor.elementCount()], tensor.shape()));
    }
    Safetensors.write(file(), tensors, checkpoint.metadata());
  }

  @Test
  void aReplacedFileDoesNotReachTheModel() throws IOException {
    float[] expected = expected();
    try (ViTSession session = open(copy(), 1)) {
      replaceWithZeros();
      assertThat(run(session)).containsExactly(expected, within(1e-6f));
      Files.delete(file());
      assertThat(run(session)).containsExactly(expected, within(1e-6f));
    }
  }

  @Test
  void aFileReplacedBeforeTheSessionIsOpenedDoesNotReachTheModel() throws IOException {
    float[] expected = expected();
    ModelDefinition model = copy();
    replaceWithZeros();
    try (ViTSession session = open(model, 1)) {
      assertThat(run(session)).containsExactly(expected, within(1e-6f));
    }
  }

  @Test
  void aFileThatIsWrittenToIsAnError() throws IOException {
    ModelDefinition model = copy();
    try (ViTSession session = open(model, 1)) {
      run(session);
      try (RandomAccessFile raw = new RandomAccessFile(file().toFile(), "rw")) {
        raw.seek(raw.length() - 4);
        raw.writeInt(0x01020304);
      }
      Files.setLastModifiedTime(file(), FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
      assertThatThrownBy(() -> run(session))
          .isInstanceOf(BackendException.class)
          .hasMessage(
              "%s was changed while a model from it was in use; load the model again"
                  .formatted(file().toRealPath()));
    }
    assertThatThrownBy(() -> open(model, 1)).isInstanceOf(BackendException.class);
  }

  @Test
  void everySessionRunsOnItsOwnNumberOfThreads() throws Exception {
    try (ViTSession one = open(CASE.model(), 1);
        ViTSession three = open(CASE.model(), 3)) {
      run(three);
      assertThat(JniUtils.getNumThreads()).isEqualTo(3);
      run(one);
      assertThat(JniUtils.getNumThreads()).isEqualTo(1);
      // and in a thread that has never called PyTorch
      int[] seen = new int[1];
      Thread thread =
          new Thread(
              () -> {
                run(three);
                seen[0] = JniUtils.getNumThreads();
              });
      thread.start();
      thread.join();
      assertThat(seen[0]).isEqualTo(three.info().threads()).isEqualTo(3);
      assertThat(JniUtils.getNumThreads()).isEqualTo(1);
    }
  }
}
