package io.github.vit4j.backend.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.conformance.NamedOutputs;
import io.github.vit4j.conformance.ReferenceCase;
import io.github.vit4j.conformance.ReferenceCases;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.SessionInfo;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.Tensor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the conformance kit does not ask. */
class TornadoSessionTest {
  private static final ReferenceCase CASE = ReferenceCases.named("classifier");
  private static final SessionInfo INFO =
      new SessionInfo("tornado", "test", "jvm", Precision.FP32, 1);

  private static ViTSession open(ModelDefinition model, int threads) {
    return TornadoSession.open(
        model, INFO, () -> new JvmExecutor(new PlainArithmetic(), threads, false));
  }

  private static Tensor pixels(int images) {
    ViTConfig config = CASE.config();
    int height = config.imageSize().height();
    int width = config.imageSize().width();
    float[] values = Doubles.random(images * config.numChannels() * height * width, 7, 1);
    return Tensor.of(values, images, config.numChannels(), height, width);
  }

  private static ViTInputs inputs(Tensor pixels, Output... outputs) {
    return new ViTInputs(pixels, null, false, Set.of(outputs));
  }

  /** More images than are computed together, and a number of them that leaves a rest. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void everyImageOfALargeBatchIsComputedAsIfItWereAlone(int threads) {
    Output[] outputs = {
      Output.LOGITS, Output.LAST_HIDDEN_STATE, Output.HIDDEN_STATES, Output.ATTENTIONS
    };
    int images = 259;
    Tensor all = pixels(images);
    try (ViTSession session = open(CASE.model(), threads)) {
      var together = NamedOutputs.of(session.run(inputs(all, outputs)));
      for (int image : new int[] {0, 100, images - 1}) {
        var alone = NamedOutputs.of(session.run(inputs(all.slice(image, 1), outputs)));
        assertThat(alone.keySet()).isEqualTo(together.keySet());
        alone.forEach(
            (name, tensor) ->
                assertThat(
                        Objects.requireNonNull(together.get(name)).slice(image, 1).toFloatArray())
                    .as("%s of image %s", name, image)
                    .isEqualTo(tensor.toFloatArray()));
      }
    }
  }

  @Test
  void numbersDoNotDependOnTheNumberOfThreads() {
    ViTInputs inputs = inputs(pixels(5), Output.LOGITS);
    List<float[]> logits = new ArrayList<>();
    for (int threads : new int[] {1, 2, 5}) {
      try (ViTSession session = open(CASE.model(), threads)) {
        logits.add(NamedOutputs.of(session.run(inputs)).values().iterator().next().toFloatArray());
      }
    }
    assertThat(logits.get(1)).isEqualTo(logits.get(0));
    assertThat(logits.get(2)).isEqualTo(logits.get(0));
  }

  @Test
  void noThreadIsLeftBehind() {
    ViTSession session = open(CASE.model(), 4);
    session.run(inputs(pixels(1), Output.LOGITS));
    session.close();
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .noneMatch(name -> name.startsWith("vit-tornado-"));
  }

  @Test
  void fewPassesAreKeptAndAllAreClosedWithTheSession() {
    RecordingExecutor executor = new RecordingExecutor(0);
    try (ViTSession session = TornadoSession.open(CASE.model(), INFO, () -> executor)) {
      for (int images = 1; images <= 20; images++) {
        session.run(inputs(pixels(images), Output.LOGITS));
        assertThat(executor.open).isLessThanOrEqualTo(4);
      }
      session.run(inputs(pixels(20), Output.LOGITS));
      assertThat(executor.prepared).isEqualTo(20);
    }
    assertThat(executor.open).isZero();
    assertThat(executor.closed).isTrue();
  }

  @Test
  void aHeapThatIsTooSmallIsAnErrorThatSaysHowLargeItMustBeAndTheSessionGoesOn() {
    RecordingExecutor executor = new RecordingExecutor(1);
    long bytes = Runtime.getRuntime().maxMemory();
    try (ViTSession session = TornadoSession.open(CASE.model(), INFO, () -> executor)) {
      assertThatThrownBy(() -> session.run(inputs(pixels(1), Output.LOGITS)))
          .isInstanceOf(BackendException.class)
          .hasMessageContainingAll((bytes >> 20) + " MB", "-Xmx" + ((2 * bytes) >> 20) + "m");
      session.run(inputs(pixels(1), Output.LOGITS));
    }
  }

  @Test
  void aPassThatFailedIsNotUsedAgain() {
    RecordingExecutor executor = new RecordingExecutor(0);
    try (ViTSession session = TornadoSession.open(CASE.model(), INFO, () -> executor)) {
      float[] expected = logits(session);
      session.run(inputs(pixels(1), Output.LOGITS));
      executor.failingRuns = 1;
      assertThatThrownBy(() -> logits(session))
          .isInstanceOf(BackendException.class)
          .hasMessage("the device is lost");
      assertThat(executor.open).as("passes that keep memory").isZero();
      assertThat(logits(session)).containsExactly(expected);
      assertThat(executor.prepared).isEqualTo(3);
    }
  }

  @Test
  void passesAreClosedWhereTheyTakeMoreMemoryThanTheDeviceKeeps() {
    RecordingExecutor executor = new RecordingExecutor(0);
    executor.passesToKeep = 100;
    executor.bytesToKeep = 5 * RecordingExecutor.BYTES;
    try (ViTSession session = TornadoSession.open(CASE.model(), INFO, () -> executor)) {
      for (int images = 1; images <= 9; images++) {
        session.run(inputs(pixels(images), Output.LOGITS));
        assertThat(executor.open).isEqualTo(Math.min(images, 5));
      }
      executor.bytesToKeep = 1; // less than one takes
      session.run(inputs(pixels(10), Output.LOGITS));
      assertThat(executor.open).isEqualTo(1);
    }
  }

  @Test
  void deviceMemoryThatOtherPassesTakeIsFreedBeforeARunFails() {
    RecordingExecutor executor = new RecordingExecutor(0);
    executor.passesToKeep = 100;
    executor.mostOpen = 2;
    try (ViTSession session = TornadoSession.open(CASE.model(), INFO, () -> executor)) {
      for (int images = 1; images <= 5; images++) {
        session.run(inputs(pixels(images), Output.LOGITS));
      }
      executor.mostOpen = 0;
      assertThatThrownBy(() -> session.run(inputs(pixels(6), Output.LOGITS)))
          .isInstanceOf(BackendException.class)
          .hasMessage("the device is full");
      assertThat(executor.open).as("passes that keep memory").isZero();
    }
  }

  private static float[] logits(ViTSession session) {
    Tensor logits = session.run(inputs(pixels(2), Output.LOGITS)).logits();
    return Objects.requireNonNull(logits).toFloatArray();
  }

  @Test
  void moreThreadsThanAnyMachineHasAreRefused() {
    SessionOptions options = new SessionOptions("jvm", Precision.FP32, 100_000, false);
    assertThatThrownBy(() -> new TornadoBackendProvider().open(CASE.model(), options))
        .isInstanceOf(BackendException.class)
        .hasMessageContainingAll("at most 1024 threads", "100000");
  }

  @Test
  void moreThreadsThanTheSystemGivesAreAnError() {
    SessionInfo many = new SessionInfo("tornado", "test", "jvm", Precision.FP32, 123_456);
    assertThatThrownBy(
            () ->
                TornadoSession.open(
                    CASE.model(),
                    many,
                    () -> {
                      throw new OutOfMemoryError("unable to create native thread");
                    }))
        .isInstanceOf(BackendException.class)
        .hasMessageContainingAll("123456 threads", "fewer");
  }

  @Test
  void aFileThatWasWrittenToIsAnError(@TempDir Path directory) throws IOException {
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(CASE.directory().resolve(file), directory.resolve(file));
    }
    ModelDefinition model = ReferenceCase.definition(directory, CASE.architecture());
    Path file = directory.resolve("model.safetensors");
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.seek(raw.length() - 4);
      raw.writeInt(0x01020304);
    }
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
    assertThatThrownBy(() -> open(model, 1))
        .isInstanceOf(BackendException.class)
        .hasMessageContainingAll("model.safetensors", "load the model again");
  }

  /** Counts passes; the first ones can fail. */
  private static final class RecordingExecutor implements PassExecutor {
    static final long BYTES = 10;

    private final JvmExecutor executor = new JvmExecutor(new PlainArithmetic(), 1, false);
    private int failures;
    private int failingRuns;
    private int prepared;
    private int open;
    private int mostOpen = Integer.MAX_VALUE;
    private int passesToKeep = 4;
    private long bytesToKeep = Long.MAX_VALUE;
    private boolean closed;

    RecordingExecutor(int failures) {
      this.failures = failures;
    }

    @Override
    public PreparedPass prepare(ForwardPass pass) {
      if (failures-- > 0) {
        throw new OutOfMemoryError("Java heap space");
      }
      PreparedPass actual = executor.prepare(pass);
      prepared++;
      open++;
      return new PreparedPass() {
        @Override
        public float[] contents(Buffer buffer) {
          return actual.contents(buffer);
        }

        @Override
        public void run() {
          if (open > mostOpen) {
            throw new DeviceMemoryException(new BackendException("the device is full"));
          }
          if (failingRuns-- > 0) {
            throw new BackendException("the device is lost");
          }
          actual.run();
        }

        @Override
        public long bytes() {
          return BYTES;
        }

        @Override
        public void close() {
          actual.close();
          open--;
        }
      };
    }

    @Override
    public int rowsAtATime() {
      return Integer.MAX_VALUE;
    }

    @Override
    public int passesToKeep() {
      return passesToKeep;
    }

    @Override
    public long bytesToKeep() {
      return bytesToKeep;
    }

    @Override
    public void close() {
      closed = true;
      executor.close();
    }
  }
}
