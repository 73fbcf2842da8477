package io.github.vit4j.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.conformance.PrecisionAgreement;
import io.github.vit4j.conformance.ReferenceCases;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.ModelSource;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Sessions in int8. */
class QuantizedSessionTest {
  private static final SessionOptions INT8 = new SessionOptions("cpu", Precision.INT8, 2, false);

  private final OnnxBackendProvider provider = new OnnxBackendProvider();

  private static ModelDefinition classifier() {
    return ReferenceCases.named("classifier").model();
  }

  private static float[] pixels(int images, int size, double scale) {
    float[] pixels = new float[images * 3 * size * size];
    Random random = new Random(5);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) (scale * random.nextGaussian());
    }
    return pixels;
  }

  private static float[] run(ViTSession session, float[] pixels, int images, int size) {
    return Objects.requireNonNull(
            session
                .run(
                    new ViTInputs(
                        Tensor.of(pixels, images, 3, size, size),
                        null,
                        false,
                        Set.of(Output.LOGITS)))
                .logits())
        .toFloatArray();
  }

  @Test
  void saysThatItIsInt8() {
    try (ViTSession session = provider.open(classifier(), INT8)) {
      assertThat(session.info().precision()).isEqualTo(Precision.INT8);
    }
  }

  /** Bit for bit, though one of them is 1000 times as bright. */
  @Test
  void anImageDoesNotDependOnItsBatchMates() {
    batchMates(classifier(), 8);
  }

  @Test
  void anImageOfAViTTinyDoesNotDependOnItsBatchMates() {
    batchMates(tiny(), 224);
  }

  private void batchMates(ModelDefinition model, int size) {
    int images = 5;
    float[] pixels = pixels(images, size, 1);
    int each = pixels.length / images;
    for (int i = 2 * each; i < 3 * each; i++) {
      pixels[i] *= 1000;
    }
    try (ViTSession session = provider.open(model, INT8)) {
      float[] together = run(session, pixels, images, size);
      int labels = together.length / images;
      for (int i = 0; i < images; i++) {
        assertThat(run(session, Arrays.copyOfRange(pixels, i * each, (i + 1) * each), 1, size))
            .isEqualTo(Arrays.copyOfRange(together, i * labels, (i + 1) * labels));
      }
    }
  }

  @Test
  void blackImagesGiveNumbers() {
    try (ViTSession session = provider.open(classifier(), INT8)) {
      for (float logit : run(session, new float[192], 1, 8)) {
        assertThat(logit).isFinite();
      }
    }
  }

  @Test
  void whatIsNotANumberIsNotMadeOne() {
    float[] pixels = pixels(2, 8, 1);
    pixels[3] = Float.NaN;
    try (ViTSession session = provider.open(classifier(), INT8)) {
      float[] logits = run(session, pixels, 2, 8);
      int labels = logits.length / 2;
      for (int i = 0; i < labels; i++) {
        assertThat(logits[i]).isNaN();
        assertThat(logits[labels + i]).isFinite();
      }
    }
  }

  @Test
  void isReallyQuantized() {
    float[] pixels = pixels(1, 8, 1);
    try (ViTSession quantized = provider.open(classifier(), INT8);
        ViTSession exact =
            provider.open(classifier(), new SessionOptions("cpu", Precision.FP32, 2, false))) {
      assertThat(run(quantized, pixels, 1, 8)).isNotEqualTo(run(exact, pixels, 1, 8));
    }
  }

  @Test
  void aClosedSessionSaysSo() {
    ViTSession session = provider.open(classifier(), INT8);
    session.close();
    assertThatThrownBy(() -> run(session, pixels(1, 8, 1), 1, 8))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void aGraphThatWasExportedKeepsItsPrecision() {
    ModelDefinition model = classifier();
    ModelDefinition exported =
        new ModelDefinition(
            model.config(),
            model.architecture(),
            new ModelSource.ExportedOnnx(Path.of("model.onnx")));
    assertThatThrownBy(() -> provider.open(exported, INT8))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("model.onnx")
        .hasMessageContaining("int8")
        .hasMessageContaining("float32");
  }

  /** Noise is not what it was trained on, but whatever it says to it, it says in int8 as well. */
  @Test
  void aViTTinySaysMostlyTheSame() {
    ModelDefinition model = tiny();
    int images = 16;
    float[] pixels = pixels(images, 224, 0.5);
    try (ViTSession quantized = provider.open(model, INT8);
        ViTSession exact =
            provider.open(model, new SessionOptions("cpu", Precision.FP32, 2, false))) {
      float[] expected = run(exact, pixels, images, 224);
      PrecisionAgreement agreement =
          PrecisionAgreement.between(
              expected, run(quantized, pixels, images, 224), model.config().numLabels());
      assertThat(agreement.largestProbabilityDifference()).isLessThan(0.2);
    }
  }

  private static ModelDefinition tiny() {
    Path directory = Path.of("../../shared/models/vit-tiny-patch16-224");
    Assumptions.assumeTrue(
        Files.isDirectory(directory), "no ../shared/models/vit-tiny-patch16-224 here");
    return ExportComparison.weights(directory, ViTConfig.fromPretrained(directory));
  }
}
