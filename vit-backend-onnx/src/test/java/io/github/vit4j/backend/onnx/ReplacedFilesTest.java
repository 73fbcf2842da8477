package io.github.vit4j.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.conformance.NamedOutputs;
import io.github.vit4j.conformance.ReferenceCase;
import io.github.vit4j.conformance.ReferenceCases;
import io.github.vit4j.conformance.ReferenceRun;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTInputs;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a model in use when the file it was loaded from does not stay as it was. */
class ReplacedFilesTest {
  @TempDir Path directory = Path.of("");

  private Architecture architecture = Architecture.VIT_FOR_IMAGE_CLASSIFICATION;

  @BeforeEach
  void copyTheModel() throws IOException {
    copy("classifier");
  }

  private void copy(String name) throws IOException {
    architecture = ReferenceCases.named(name).architecture();
    for (String file : new String[] {"config.json", "model.safetensors"}) {
      Files.deleteIfExists(file());
      Files.deleteIfExists(directory.resolve(file));
      Files.copy(ReferenceCases.named(name).directory().resolve(file), directory.resolve(file));
    }
  }

  private Path file() {
    return directory.resolve("model.safetensors");
  }

  private ViTSession open() {
    return open(model());
  }

  private ModelDefinition model() {
    return ReferenceCase.definition(directory, architecture);
  }

  private static ViTSession open(ModelDefinition model) {
    return new OnnxBackendProvider()
        .open(model, new SessionOptions("cpu", Precision.FP32, 1, false));
  }

  private static ViTInputs inputs(int side, Output... outputs) {
    float[] pixels = new float[3 * side * side];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) Math.sin(i);
    }
    return new ViTInputs(Tensor.of(pixels, 1, 3, side, side), null, side != 8, Set.of(outputs));
  }

  private static List<float[]> run(ViTSession session, ViTInputs inputs) {
    return NamedOutputs.of(session.run(inputs)).values().stream()
        .map(Tensor::toFloatArray)
        .toList();
  }

  /** Every output of the model as it is in the resources, and of several sizes. */
  private static final List<ViTInputs> CALLS =
      List.of(
          inputs(8, Output.HIDDEN_STATES),
          inputs(8, Output.ATTENTIONS, Output.LOGITS),
          inputs(8, Output.LAST_HIDDEN_STATE),
          inputs(16, Output.LOGITS),
          inputs(12, Output.HIDDEN_STATES));

  private static List<List<float[]>> expected() {
    try (ViTSession session = open(ReferenceCases.named("classifier").model())) {
      return CALLS.stream().map(call -> run(session, call)).toList();
    }
  }

  private static void agrees(ViTSession session, List<List<float[]>> expected) {
    for (int i = 0; i < CALLS.size(); i++) {
      List<float[]> actual = run(session, CALLS.get(i));
      assertThat(actual).hasSameSizeAs(expected.get(i));
      for (int j = 0; j < actual.size(); j++) {
        // Packed weights add up in another order.
        assertThat(actual.get(j))
            .as("call %d, tensor %d", i, j)
            .containsExactly(expected.get(i).get(j), within(1e-5f));
      }
    }
  }

  /** As another tool writes it: the same numbers under bare names, so at other offsets. */
  private void replaceWithAnotherLayout() {
    Checkpoint checkpoint = Checkpoint.open(ReferenceCases.named("classifier").directory());
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (String name : checkpoint.names()) {
      tensors.put(
          name.replaceFirst("^vit\\.", ""), Objects.requireNonNull(checkpoint.get(name)).tensor());
    }
    Safetensors.write(file(), tensors, Map.of("format", "pt"));
  }

  @Test
  void aReplacedFileDoesNotReachTheModel() throws IOException {
    List<List<float[]>> expected = expected();
    try (ViTSession session = open()) {
      List<float[]> logits = run(session, inputs(8, Output.LOGITS));
      long size = Files.size(file());
      replaceWithAnotherLayout();
      assertThat(Files.size(file())).isNotEqualTo(size);
      agrees(session, expected);
      assertThat(run(session, inputs(8, Output.LOGITS)).getFirst()).isEqualTo(logits.getFirst());
    }
    // and who loads it now gets it
    try (ViTSession session = open()) {
      agrees(session, expected);
    }
  }

  @Test
  void aFileReplacedByOneOfTheSameLayoutDoesNotReachTheModel() throws IOException {
    List<List<float[]>> expected = expected();
    try (ViTSession session = open()) {
      Checkpoint checkpoint = Checkpoint.open(directory);
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (String name : checkpoint.names()) {
        Tensor tensor = Objects.requireNonNull(checkpoint.get(name)).tensor();
        tensors.put(name, Tensor.of(new float[(int) tensor.elementCount()], tensor.shape()));
      }
      FileTime time = Files.getLastModifiedTime(file());
      long size = Files.size(file());
      Safetensors.write(file(), tensors, checkpoint.metadata());
      Files.setLastModifiedTime(file(), time);
      assertThat(Files.size(file())).isEqualTo(size);
      agrees(session, expected);
    }
  }

  @Test
  void aDeletedFileIsStillThereForTheModel() throws IOException {
    List<List<float[]>> expected = expected();
    try (ViTSession session = open()) {
      Files.delete(file());
      agrees(session, expected);
    }
  }

  @Test
  void aFileReplacedBeforeTheSessionIsOpenedDoesNotReachTheModel() {
    List<List<float[]>> expected = expected();
    ModelDefinition model = model();
    replaceWithAnotherLayout();
    try (ViTSession session =
        new OnnxBackendProvider()
            .open(model, new SessionOptions("cpu", Precision.FP32, 1, false))) {
      agrees(session, expected);
    }
  }

  @Test
  void filesReplacedAllTheTimeDoNotReachTheModel() throws Exception {
    List<List<float[]>> expected = expected();
    Path original = ReferenceCases.named("classifier").directory().resolve("model.safetensors");
    AtomicBoolean stop = new AtomicBoolean();
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      Future<?> writer =
          executor.submit(
              () -> {
                for (boolean other = true; !stop.get(); other = !other) {
                  if (other) {
                    replaceWithAnotherLayout();
                  } else {
                    Checkpoint checkpoint = Checkpoint.open(original);
                    Map<String, Tensor> tensors = new LinkedHashMap<>();
                    checkpoint
                        .names()
                        .forEach(
                            name ->
                                tensors.put(
                                    name, Objects.requireNonNull(checkpoint.get(name)).tensor()));
                    Safetensors.write(file(), tensors, checkpoint.metadata());
                  }
                }
              });
      try {
        for (int round = 0; round < 40; round++) {
          try (ViTSession session = open()) {
            agrees(session, expected);
          }
        }
      } finally {
        stop.set(true);
      }
      writer.get();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"classifier", "float16"})
  void aFileThatIsWrittenToIsAnError(String name) throws IOException {
    copy(name);
    try (ViTSession session = open()) {
      try (RandomAccessFile raw = new RandomAccessFile(file().toFile(), "rw")) {
        raw.seek(raw.length() - 4);
        raw.writeInt(0x01020304);
      }
      Files.setLastModifiedTime(file(), FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
      assertSaysThatItChanged(() -> session.run(inputs(8, Output.HIDDEN_STATES)));
      assertSaysThatItChanged(() -> session.run(inputs(16, Output.LOGITS)));
    }
    try (ViTSession session = open()) { // as the message says
      assertThat(run(session, inputs(8, Output.HIDDEN_STATES))).isNotEmpty();
    }
  }

  @Test
  void positionsAreNotInterpolatedFromAFileThatWasWrittenTo() throws IOException {
    try (ViTSession session = open()) {
      run(session, inputs(16, Output.LOGITS));
      List<float[]> before = run(session, inputs(16, Output.LOGITS));
      Files.setLastModifiedTime(file(), FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
      assertSaysThatItChanged(() -> session.run(inputs(12, Output.LOGITS)));
      assertThat(run(session, inputs(16, Output.LOGITS)).getFirst()).isEqualTo(before.getFirst());
    }
  }

  private void assertSaysThatItChanged(ThrowingCallable run) throws IOException {
    assertThatThrownBy(run)
        .isInstanceOf(BackendException.class)
        .hasMessage(
            "%s was changed while a model from it was in use; load the model again"
                .formatted(file().toRealPath()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"classifier", "model_with_pooler", "model_without_pooler", "masked"})
  void theUsualCallNeedsNoSecondGraph(String name) throws IOException {
    // No graph can be created from a file that was written to, so what runs was there before.
    copy(name);
    ReferenceCase reference = ReferenceCases.named(name);
    Output output =
        switch (architecture) {
          case VIT_MODEL -> Output.LAST_HIDDEN_STATE;
          case VIT_FOR_IMAGE_CLASSIFICATION -> Output.LOGITS;
          case VIT_FOR_MASKED_IMAGE_MODELING -> Output.RECONSTRUCTION;
        };
    try (ViTSession session = open()) {
      Files.setLastModifiedTime(file(), FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
      List<String> ran = new ArrayList<>();
      for (ReferenceRun run : reference.runs()) {
        Tensor mask = run.inputs().boolMaskedPos();
        if (!run.inputs().interpolatePosEncoding() && isUsual(output, mask)) {
          session.run(new ViTInputs(run.inputs().pixelValues(), mask, false, Set.of(output)));
          ran.add(run.name());
        }
      }
      assertThat(ran).isNotEmpty();
    }
  }

  private static boolean isUsual(Output output, @Nullable Tensor mask) {
    return (output == Output.RECONSTRUCTION) == (mask != null);
  }
}
