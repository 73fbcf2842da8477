package io.github.vit4j.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.config.ImageSize;
import io.github.vit4j.conformance.ReferenceCases;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.ProcessorCores;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
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

  @Test
  void runsThatShareAllCoresTakeTurns() {
    int cores = ProcessorCores.available();
    assertThat(permits(cores)).isEqualTo(cores == 1 ? Integer.MAX_VALUE : 1);
    assertThat(permits(2 * cores)).isEqualTo(1);
    // Threads of the caller alone are never in each other's way.
    assertThat(permits(1)).isEqualTo(Integer.MAX_VALUE);
    assertThat(new OrtOptions(2, false, 0).permits().availablePermits())
        .isEqualTo(Integer.MAX_VALUE);
  }

  private static int permits(int threads) {
    return new OrtOptions(threads, false, OrtOptions.NO_CUDA).permits().availablePermits();
  }
}
