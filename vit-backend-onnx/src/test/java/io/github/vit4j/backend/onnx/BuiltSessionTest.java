package io.github.vit4j.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.config.ImageSize;
import io.github.vit4j.conformance.ReferenceCase;
import io.github.vit4j.conformance.ReferenceCases;
import io.github.vit4j.conformance.ReferenceRun;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class BuiltSessionTest {
  private static ViTSession open(String name, int threads) {
    return new OnnxBackendProvider()
        .open(
            ReferenceCases.named(name).model(),
            new SessionOptions("cpu", Precision.FP32, threads, false));
  }

  private static ViTInputs inputs(long seed, int images, Output... outputs) {
    float[] pixels = new float[images * 3 * 8 * 8];
    Random random = new Random(seed);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    return new ViTInputs(Tensor.of(pixels, images, 3, 8, 8), null, false, Set.of(outputs));
  }

  private static float[] logits(ViTSession session, ViTInputs inputs) {
    return Objects.requireNonNull(session.run(inputs).logits()).toFloatArray();
  }

  @Test
  void callersAtTheSameTimeGetTheSameBits() throws Exception {
    try (ViTSession session = open("classifier", 2);
        ExecutorService executor = Executors.newFixedThreadPool(4)) {
      List<float[]> expected = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        expected.add(logits(session, inputs(i, 1 + i % 3, Output.LOGITS)));
      }
      List<Future<?>> futures = new ArrayList<>();
      for (int caller = 0; caller < 4; caller++) {
        int first = caller;
        futures.add(
            executor.submit(
                () -> {
                  for (int i = 0; i < 200; i++) {
                    int which = (first + i) % 8;
                    assertThat(logits(session, inputs(which, 1 + which % 3, Output.LOGITS)))
                        .isEqualTo(expected.get(which));
                  }
                }));
      }
      for (Future<?> future : futures) {
        future.get();
      }
    }
  }

  @Test
  void callersAtTheSameTimeMayAskForDifferentOutputs() throws Exception {
    ReferenceCase reference = ReferenceCases.named("classifier");
    try (ViTSession session = open("classifier", 1);
        ExecutorService executor = Executors.newFixedThreadPool(4)) {
      List<Future<?>> futures = new ArrayList<>();
      for (int caller = 0; caller < 4; caller++) {
        futures.add(
            executor.submit(
                () -> {
                  for (ReferenceRun run : reference.runs()) {
                    Comparison.agrees(run, session.run(run.inputs()));
                  }
                }));
      }
      for (Future<?> future : futures) {
        future.get();
      }
    }
  }

  @Test
  void handsOutWhatWasAskedForAndNothingElse() {
    try (ViTSession session = open("model_with_pooler", 1)) {
      ViTOutputs outputs = session.run(inputs(0, 1, Output.LAST_HIDDEN_STATE));
      assertThat(outputs.lastHiddenState()).isNotNull();
      assertThat(outputs.poolerOutput()).isNull();
      assertThat(outputs.logits()).isNull();
      assertThat(outputs.reconstruction()).isNull();
      assertThat(outputs.hiddenStates()).isEmpty();
      assertThat(outputs.attentions()).isEmpty();
      outputs = session.run(inputs(0, 1, Output.ATTENTIONS));
      assertThat(outputs.lastHiddenState()).isNull();
      assertThat(outputs.hiddenStates()).isEmpty();
      assertThat(outputs.attentions()).hasSize(2);
    }
  }

  @Test
  void outputsAreTheCallersOwn() {
    ViTOutputs first;
    float[] before;
    ViTInputs inputs = inputs(1, 2, Output.LOGITS);
    float[] pixels = inputs.pixelValues().toFloatArray();
    try (ViTSession session = open("classifier", 1)) {
      first = session.run(inputs);
      before = Objects.requireNonNull(first.logits()).toFloatArray();
      Objects.requireNonNull(session.run(inputs).logits()).setFloat(0, Float.NaN);
      logits(session, inputs(2, 2, Output.LOGITS));
      assertThat(logits(session, inputs)).isEqualTo(before);
    }
    assertThat(first.logits().toFloatArray()).isEqualTo(before);
    assertThat(inputs.pixelValues().toFloatArray()).isEqualTo(pixels);
  }

  @Test
  void takesPixelsFromTheHeap() {
    ViTInputs inputs = inputs(1, 2, Output.LOGITS);
    byte[] bytes = new byte[(int) inputs.pixelValues().data().byteSize()];
    MemorySegment heap = MemorySegment.ofArray(bytes).copyFrom(inputs.pixelValues().data());
    Tensor onHeap =
        Tensor.of(heap, inputs.pixelValues().elementType(), inputs.pixelValues().shape());
    try (ViTSession session = open("classifier", 1)) {
      assertThat(logits(session, new ViTInputs(onHeap, null, false, inputs.outputs())))
          .isEqualTo(logits(session, inputs));
    }
  }

  @Test
  void releasedPixelsAreAnErrorAndNotACrash() {
    Tensor released;
    try (Arena arena = Arena.ofShared()) {
      released = Tensor.allocate(arena, io.github.vit4j.tensor.ElementType.FLOAT32, 1, 3, 8, 8);
    }
    try (ViTSession session = open("classifier", 1)) {
      assertThatThrownBy(
              () -> session.run(new ViTInputs(released, null, false, Set.of(Output.LOGITS))))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("released");
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    try (ViTSession session = open("classifier", 1)) {
      assertThatThrownBy(
              () ->
                  session.run(
                      new ViTInputs(
                          Tensor.of(new float[192], 1, 3, 4, 16),
                          null,
                          false,
                          Set.of(Output.LOGITS))))
          .isInstanceOf(InvalidInputException.class)
          .hasMessage("Input image size (4*16) doesn't match model (8*8).");
      assertThatThrownBy(
              () ->
                  session.run(
                      new ViTInputs(
                          Tensor.of(new float[64], 1, 1, 8, 8),
                          null,
                          false,
                          Set.of(Output.LOGITS))))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("Expected 3 but got 1");
      assertThatThrownBy(() -> session.run(inputs(1, 1, Output.RECONSTRUCTION)))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("reconstruction");
      assertThat(logits(session, inputs(1, 1, Output.LOGITS))).hasSize(5);
    }
  }

  @Test
  void closingTwiceDoesNothingAndRunningAfterwardsIsAnError() {
    ViTSession session = open("classifier", 1);
    session.close();
    session.close();
    assertThatThrownBy(() -> session.run(inputs(1, 1, Output.LOGITS)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    assertThat(session.info().device()).isEqualTo("cpu");
  }

  @Test
  void closingWaitsForRunsUnderWay() throws Exception {
    for (int round = 0; round < 10; round++) {
      ViTSession session = open("model_without_pooler", 1);
      ViTInputs inputs =
          new ViTInputs(
              Tensor.of(new float[16 * 3 * 16 * 16], 16, 3, 16, 16),
              null,
              false,
              Set.of(Output.LAST_HIDDEN_STATE));
      AtomicInteger completed = new AtomicInteger();
      CountDownLatch running = new CountDownLatch(3);
      try (ExecutorService executor = Executors.newFixedThreadPool(3)) {
        List<Future<?>> futures = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          futures.add(
              executor.submit(
                  () -> {
                    while (true) {
                      try {
                        session.run(inputs);
                      } catch (IllegalStateException e) {
                        return;
                      }
                      completed.incrementAndGet();
                      running.countDown();
                    }
                  }));
        }
        running.await();
        session.close();
        for (Future<?> future : futures) {
          future.get();
        }
      }
      assertThat(completed.get()).isGreaterThanOrEqualTo(3);
    }
  }

  @Test
  void memoryStaysFlat() throws IOException {
    Assumptions.assumeTrue(
        Files.exists(Path.of("/proc/self/status")),
        "no /proc/self/status here to read memory from");
    ViTInputs inputs =
        new ViTInputs(
            Tensor.of(new float[32 * 3 * 16 * 16], 32, 3, 16, 16),
            null,
            false,
            Set.of(Output.LAST_HIDDEN_STATE, Output.HIDDEN_STATES, Output.ATTENTIONS));
    try (ViTSession session = open("model_without_pooler", 1)) {
      repeat(300, () -> session.run(inputs));
      long before = residentKilobytes();
      repeat(600, () -> session.run(inputs));
      // Each run hands out 430 kB; without release these would be 250 MB.
      assertThat(residentKilobytes() - before).isLessThan(60_000);
    }
    repeat(50, () -> open("float16", 1).close());
    long before = residentKilobytes();
    repeat(100, () -> open("float16", 1).close());
    assertThat(residentKilobytes() - before).isLessThan(60_000);
  }

  /** Collects garbage now and then, so that what is measured is what stays, not what waits. */
  private static void repeat(int times, Runnable action) {
    for (int i = 0; i < times; i++) {
      action.run();
      if (i % 20 == 0) {
        System.gc();
        LockSupport.parkNanos(10_000_000);
      }
    }
  }

  /** The least of several readings: outputs are released some time after they became garbage. */
  private static long residentKilobytes() throws IOException {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 10; i++) {
      System.gc();
      LockSupport.parkNanos(50_000_000);
      long now =
          Files.readAllLines(Path.of("/proc/self/status")).stream()
              .filter(line -> line.startsWith("VmRSS:"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
              .findFirst()
              .orElseThrow();
      least = Math.min(least, now);
    }
    return least;
  }

  @Test
  void manySizesInTurnAgreeWithEachOther() {
    // more sizes than the session remembers positions of
    try (ViTSession session = open("classifier", 1)) {
      List<float[]> first = new ArrayList<>();
      for (int round = 0; round < 2; round++) {
        for (int side = 4; side <= 52; side += 4) {
          ImageSize size = ImageSize.square(side);
          float[] pixels = new float[3 * size.height() * size.width()];
          java.util.Arrays.fill(pixels, 0.5f);
          float[] logits =
              logits(
                  session,
                  new ViTInputs(
                      Tensor.of(pixels, 1, 3, side, side), null, true, Set.of(Output.LOGITS)));
          if (round == 0) {
            first.add(logits);
          } else {
            assertThat(logits).isEqualTo(first.get(side / 4 - 1));
          }
        }
      }
    }
  }
}
