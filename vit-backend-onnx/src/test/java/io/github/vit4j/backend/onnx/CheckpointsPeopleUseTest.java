package io.github.vit4j.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.ForwardOptions;
import io.github.vit4j.LoadOptions;
import io.github.vit4j.ViTForImageClassification;
import io.github.vit4j.ViTForMaskedImageModeling;
import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.ViTModel;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.conformance.TensorDifference;
import io.github.vit4j.error.CheckpointException;
import io.github.vit4j.error.ConfigException;
import io.github.vit4j.image.ImageReader;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.Checkpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The kinds of checkpoints that people use: small directories of the same shape, with what
 * transformers makes of them. {@code src/test/reference/make_checkpoints.py} wrote them.
 */
class CheckpointsPeopleUseTest {
  /** Of the largest magnitude; the worst is 1e-6. */
  private static final double TOLERANCE = 1e-5;

  private static final String EXPECTED = "expected.safetensors";
  private static final LoadOptions ONNX = LoadOptions.defaults().withBackend("onnx");

  private static Path root() {
    try {
      return Path.of(
          Objects.requireNonNull(CheckpointsPeopleUseTest.class.getResource("checkpoints"))
              .toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  static List<String> rows() {
    try (Stream<Path> directories = Files.list(root())) {
      return directories
          .filter(directory -> Files.exists(directory.resolve(EXPECTED)))
          .map(directory -> directory.getFileName().toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Checkpoint expected(String row) {
    return Checkpoint.open(root().resolve(row).resolve(EXPECTED));
  }

  private static Tensor expected(String row, String name) {
    return Objects.requireNonNull(expected(row).get(name), name).tensor();
  }

  private static boolean isClassifier(String row) {
    return "ViTForImageClassification".equals(expected(row).metadata().get("architecture"));
  }

  private static void agree(Tensor actual, Tensor expected) {
    TensorDifference difference = TensorDifference.between(actual, expected);
    assertThat(difference.relativeError()).as(difference::toString).isLessThan(TOLERANCE);
  }

  @Test
  void allRowsAreThere() {
    assertThat(rows())
        .contains(
            "google--vit-base-patch16-224-in21k",
            "google--vit-base-patch32-224-in21k",
            "google--vit-base-patch16-224",
            "google--vit-large-patch16-224",
            "google--vit-large-patch32-384",
            "google--vit-huge-patch14-224-in21k",
            "facebook--deit-base-patch16-224",
            "facebook--dino-vits16",
            "facebook--dino-vits8",
            "nateraw--vit-base-beans",
            "Falconsai--nsfw_image_detection",
            "timm--vit_base_patch16_224.augreg2_in21k_ft_in1k")
        .hasSize(21);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void imagesArePreparedAsTransformersDoes(String row) {
    ViTImageProcessor processor = ViTImageProcessor.fromPretrained(root().resolve(row).toString());

    Tensor pixelValues =
        processor.preprocess(ImageReader.create().read(root().resolve("image.png")));

    Tensor expected = expected(row, "pixel_values");
    assertThat(pixelValues).hasToString(expected.toString());
    assertThat(pixelValues.toFloatArray()).isEqualTo(expected.toFloatArray());
    assertThat(ViTImageProcessor.fromPretrained(root().resolve(row))).isEqualTo(processor);
    assertThat(ViTImageProcessor.fromJson(processor.toJson())).isEqualTo(processor);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void outputsAreThoseOfTransformers(String row) {
    Path directory = root().resolve(row);
    Tensor pixelValues = expected(row, "pixel_values");
    if (isClassifier(row)) {
      try (ViTForImageClassification model =
          ViTForImageClassification.fromPretrained(directory, ONNX)) {
        agree(model.forward(pixelValues).logits(), expected(row, "logits"));
      }
      return;
    }
    try (ViTModel model = ViTModel.fromPretrained(directory, ONNX)) {
      var outputs = model.forward(pixelValues);
      agree(outputs.lastHiddenState(), expected(row, "last_hidden_state"));
      if (expected(row).names().contains("pooler_output")) {
        agree(Objects.requireNonNull(outputs.poolerOutput()), expected(row, "pooler_output"));
      } else {
        assertThat(outputs.poolerOutput()).isNull();
      }
      if (expected(row).names().contains("larger_pixel_values")) {
        var larger =
            model.forward(
                expected(row, "larger_pixel_values"),
                ForwardOptions.defaults().withInterpolatePosEncoding(true));
        agree(larger.lastHiddenState(), expected(row, "larger_last_hidden_state"));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aHeadThatIsNotThereIsAnErrorUnlessItIsToBeInitialised(String row) {
    Path directory = root().resolve(row);
    boolean hasPooler = expected(row).names().contains("pooler_output");
    boolean hasClassifier = isClassifier(row);
    int labels = ViTConfig.fromPretrained(directory).numLabels();

    assertThatThrownBy(() -> ViTForMaskedImageModeling.fromPretrained(directory, ONNX).close())
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("lacks 3 parameters of a ViTForMaskedImageModeling")
        .hasMessageContaining("embeddings.mask_token, decoder.0.weight, decoder.0.bias");
    if (!hasClassifier && labels > 0) {
      assertThatThrownBy(() -> ViTForImageClassification.fromPretrained(directory, ONNX).close())
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("lacks 2 parameters of a ViTForImageClassification")
          .hasMessageContaining("classifier.weight, classifier.bias");
      try (ViTForImageClassification model =
          ViTForImageClassification.fromPretrained(directory, ONNX.withInitializeMissing(1))) {
        assertThat(model.forward(expected(row, "pixel_values")).logits().shape())
            .containsExactly(1, labels);
      }
    }
    if (!hasPooler) {
      assertThatThrownBy(
              () -> ViTModel.fromPretrained(directory, ONNX.withAddPoolingLayer(true)).close())
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("lacks 2 parameters of a ViTModel")
          .hasMessageContaining("pooler.dense.weight, pooler.dense.bias");
      try (ViTModel model =
          ViTModel.fromPretrained(
              directory, ONNX.withAddPoolingLayer(true).withInitializeMissing(1))) {
        assertThat(model.forward(expected(row, "pixel_values")).poolerOutput()).isNotNull();
      }
    }
  }

  @Test
  void labelsAreThoseOfTheFile() {
    assertThat(ViTConfig.fromPretrained(root().resolve("nateraw--vit-base-beans")).id2label())
        .containsValues("angular_leaf_spot", "bean_rust", "healthy");
    assertThat(
            ViTConfig.fromPretrained(root().resolve("facebook--deit-base-patch16-224")).numLabels())
        .isEqualTo(1000);
    assertThat(
            ViTConfig.fromPretrained(
                    root().resolve("timm--vit_base_patch16_224.augreg2_in21k_ft_in1k"))
                .id2label())
        .containsValues("a", "b", "c", "d", "e");
    assertThat(
            ViTConfig.fromPretrained(root().resolve("timm--deit_tiny_patch16_224.fb_in1k"))
                .id2label())
        .hasSize(7)
        .containsEntry(6, "LABEL_6");
  }

  @Test
  void aModelOfTimmIsSavedAsOneOfHuggingFace(@org.junit.jupiter.api.io.TempDir Path saved) {
    String row = "timm--vit_base_patch16_224.augreg2_in21k_ft_in1k";
    Path directory = root().resolve(row);
    try (ViTForImageClassification model =
        ViTForImageClassification.fromPretrained(directory, ONNX)) {
      model.savePretrained(saved);
    }
    ViTImageProcessor.fromPretrained(directory).savePretrained(saved);

    assertThat(ViTConfig.fromPretrained(saved).toJson().get("model_type").stringValue())
        .isEqualTo("vit");
    assertThat(ViTImageProcessor.fromPretrained(saved))
        .isEqualTo(ViTImageProcessor.fromPretrained(directory));
    try (ViTForImageClassification model = ViTForImageClassification.fromPretrained(saved, ONNX)) {
      agree(model.forward(expected(row, "pixel_values")).logits(), expected(row, "logits"));
    }
  }

  @Test
  void aDistilledDeiTIsRefused() {
    Path directory = root().resolve("facebook--deit-base-distilled-patch16-224");

    assertThatThrownBy(() -> ViTForImageClassification.fromPretrained(directory, ONNX).close())
        .isInstanceOf(CheckpointException.class)
        .message()
        .contains(
            "is a distilled DeiT (a 'DeiTForImageClassificationWithTeacher' with 'deit.embeddings.distillation_token'), which is another model than ViT; use a checkpoint without distillation, for example facebook/deit-base-patch16-224")
        .doesNotContain("\n");
    assertThatThrownBy(() -> ViTImageProcessor.fromPretrained(directory.toString()))
        .isInstanceOf(ConfigException.class);
  }
}
