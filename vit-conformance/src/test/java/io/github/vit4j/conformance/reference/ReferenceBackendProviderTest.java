package io.github.vit4j.conformance.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ImageSize;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.runtime.BackendRegistry;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.ModelSource;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.SessionInfo;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.RandomWeights;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ReferenceBackendProviderTest {
  private static final ViTConfig CONFIG =
      ViTConfig.builder()
          .hiddenSize(36)
          .numHiddenLayers(3)
          .numAttentionHeads(3)
          .intermediateSize(50)
          .imageSize(ImageSize.square(32))
          .patchSize(ImageSize.square(4))
          .initializerRange(0.5)
          .build();

  private static ModelDefinition model(Architecture architecture) {
    return new ModelDefinition(
        CONFIG,
        architecture,
        new ModelSource.Weights(RandomWeights.create(CONFIG, architecture, true, 1)));
  }

  private static ViTSession open(ModelDefinition model, int threads) {
    return new ReferenceBackendProvider()
        .open(model, new SessionOptions("cpu", Precision.FP32, threads, false));
  }

  private static ViTInputs inputs(Set<Output> outputs, int images) {
    Random random = new Random(2);
    float[] pixels = new float[images * 3 * 32 * 32];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    return new ViTInputs(Tensor.of(pixels, images, 3, 32, 32), null, false, outputs);
  }

  private static float[] logits(ViTSession session, ViTInputs inputs) {
    return Objects.requireNonNull(session.run(inputs).logits()).toFloatArray();
  }

  @Test
  void givesTheSameBitsWhateverTheNumberOfThreads() {
    for (Architecture architecture : Architecture.values()) {
      ModelDefinition model = model(architecture);
      ViTInputs inputs = inputs(model.outputs(), 2);
      List<float[]> expected = all(model, inputs, 1);
      for (int threads : new int[] {2, 3, 7}) {
        assertThat(all(model, inputs, threads))
            .as("%s with %d threads", architecture, threads)
            .usingElementComparator(Arrays::compare)
            .isEqualTo(expected);
      }
    }
  }

  private static List<float[]> all(ModelDefinition model, ViTInputs inputs, int threads) {
    try (ViTSession session = open(model, threads)) {
      return tensors(session.run(inputs)).values().stream()
          .flatMap(List::stream)
          .map(Tensor::toFloatArray)
          .toList();
    }
  }

  private static Map<Output, List<Tensor>> tensors(ViTOutputs outputs) {
    Map<Output, List<Tensor>> tensors = new EnumMap<>(Output.class);
    tensors.put(Output.LOGITS, Stream.ofNullable(outputs.logits()).toList());
    tensors.put(Output.LAST_HIDDEN_STATE, Stream.ofNullable(outputs.lastHiddenState()).toList());
    tensors.put(Output.POOLER_OUTPUT, Stream.ofNullable(outputs.poolerOutput()).toList());
    tensors.put(Output.RECONSTRUCTION, Stream.ofNullable(outputs.reconstruction()).toList());
    tensors.put(Output.HIDDEN_STATES, outputs.hiddenStates());
    tensors.put(Output.ATTENTIONS, outputs.attentions());
    tensors.values().removeIf(List::isEmpty);
    return tensors;
  }

  @Test
  void handsOutExactlyWhatWasAskedFor() {
    ModelDefinition model = model(Architecture.VIT_MODEL);
    try (ViTSession session = open(model, 2)) {
      for (Output output : model.outputs()) {
        ViTOutputs outputs = session.run(inputs(EnumSet.of(output), 1));
        assertThat(tensors(outputs)).containsOnlyKeys(output);
      }
    }
  }

  @Test
  void usesAsManyThreadsAsAskedForAndSaysSo() {
    ModelDefinition model = model(Architecture.VIT_FOR_IMAGE_CLASSIFICATION);
    try (ViTSession session = open(model, 3)) {
      assertThat(session.info())
          .isEqualTo(
              new SessionInfo(
                  "reference", "Java " + Runtime.version().feature(), "cpu", Precision.FP32, 3));
    }
    try (ViTSession session = open(model, 0)) {
      assertThat(session.info().threads()).isEqualTo(Runtime.getRuntime().availableProcessors());
    }
  }

  @Test
  void refusesWhatIsNotThereInOneLineThatNamesWhatIs() {
    ModelDefinition model = model(Architecture.VIT_MODEL);
    ReferenceBackendProvider provider = new ReferenceBackendProvider();
    assertThatThrownBy(
            () -> provider.open(model, new SessionOptions("cuda:0", Precision.FP32, 1, false)))
        .isInstanceOf(BackendException.class)
        .hasMessage(
            "backend reference has no device 'cuda:0', it has cpu; choose that or another backend");
    assertThatThrownBy(
            () -> provider.open(model, new SessionOptions("cpu", Precision.BF16, 1, false)))
        .isInstanceOf(BackendException.class)
        .hasMessage(
            "backend reference does not hand out bfloat16, it has float32; choose that or another backend");
    ModelDefinition exported =
        new ModelDefinition(
            CONFIG, Architecture.VIT_MODEL, new ModelSource.ExportedOnnx(Path.of("model.onnx")));
    assertThatThrownBy(() -> open(exported, 1))
        .isInstanceOf(BackendException.class)
        .hasMessage(
            "backend reference does not read graphs such as model.onnx; give it the checkpoint, or choose backend onnx");
  }

  @Test
  void wrongInputsAreRefusedAndTheSessionGoesOn() {
    try (ViTSession session = open(model(Architecture.VIT_FOR_IMAGE_CLASSIFICATION), 2)) {
      assertThatThrownBy(() -> session.run(inputs(EnumSet.of(Output.RECONSTRUCTION), 1)))
          .isInstanceOf(InvalidInputException.class);
      assertThat(logits(session, inputs(EnumSet.of(Output.LOGITS), 1))).hasSize(2);
    }
  }

  @Test
  void servesConcurrentCallersEvenInterruptedOnes() {
    try (ViTSession session = open(model(Architecture.VIT_FOR_IMAGE_CLASSIFICATION), 2)) {
      ViTInputs inputs = inputs(EnumSet.of(Output.LOGITS), 3);
      float[] expected = logits(session, inputs);
      List<CompletableFuture<float[]>> calls =
          IntStream.range(0, 8)
              .mapToObj(
                  i ->
                      CompletableFuture.supplyAsync(
                          () -> {
                            Thread.currentThread().interrupt();
                            float[] result = logits(session, inputs);
                            assertThat(Thread.interrupted()).isTrue();
                            return result;
                          }))
              .toList();
      assertThat(calls).allSatisfy(call -> assertThat(call.join()).isEqualTo(expected));
    }
  }

  @Test
  void closingWaitsForRunsUnderWayAndLaterOnesAreRefused() {
    ViTSession session = open(model(Architecture.VIT_FOR_IMAGE_CLASSIFICATION), 1);
    ViTInputs inputs = inputs(EnumSet.of(Output.LOGITS), 1);
    float[] expected = logits(session, inputs);
    int callers = 4;
    CountDownLatch underWay = new CountDownLatch(callers);
    List<CompletableFuture<Integer>> calls =
        IntStream.range(0, callers)
            .mapToObj(
                i ->
                    CompletableFuture.supplyAsync(
                        () -> runUntilClosed(session, inputs, expected, underWay),
                        task -> Thread.ofPlatform().start(task)))
            .toList();
    CompletableFuture.runAsync(
            () -> {
              try {
                underWay.await();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
              session.close();
              session.close();
            })
        .join();
    assertThat(calls).allSatisfy(call -> assertThat(call.join()).isPositive());
    assertThat(session.info().backend()).isEqualTo("reference");
  }

  private static int runUntilClosed(
      ViTSession session, ViTInputs inputs, float[] expected, CountDownLatch underWay) {
    for (int runs = 0; ; runs++) {
      try {
        assertThat(logits(session, inputs)).isEqualTo(expected);
      } catch (IllegalStateException e) {
        assertThat(e).hasMessage("this session is closed");
        return runs;
      }
      if (runs == 0) { // a caller counts once: a fast one must not count for those that come late
        underWay.countDown();
      }
    }
  }

  @Test
  void isNotAmongTheBackendsOfThoseWhoOnlyDependOnTheKit() throws IOException {
    URL classes =
        ReferenceBackendProvider.class.getProtectionDomain().getCodeSource().getLocation();
    try (URLClassLoader kit = new URLClassLoader(new URL[] {classes}, null)) {
      assertThat(kit.getResource("META-INF/services/io.github.vit4j.spi.BackendProvider")).isNull();
    }
    assertThat(BackendRegistry.installed().find("reference")) // the kit's own tests name it
        .containsInstanceOf(ReferenceBackendProvider.class);
  }
}
