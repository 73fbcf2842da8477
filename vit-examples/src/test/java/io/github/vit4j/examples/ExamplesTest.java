package io.github.vit4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.vit4j.LoadOptions;
import io.github.vit4j.MaskedImageModelingOutput;
import io.github.vit4j.config.Json;
import io.github.vit4j.image.ImageReader;
import io.github.vit4j.image.RgbImage;
import io.github.vit4j.pictures.ContactSheet.Neighbour;
import io.github.vit4j.pipeline.Classification;
import io.github.vit4j.runtime.BackendRegistry;
import io.github.vit4j.spi.Availability;
import io.github.vit4j.spi.BackendProvider;
import io.github.vit4j.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Runs each program as its reader would, on every backend that is here. The expected numbers are
 * those of reference/make_examples.py.
 */
class ExamplesTest {
  /** What float32 leaves of numbers around 1 after six layers. */
  private static final double ROUNDING = 1e-5;

  private static JsonNode expected = Json.object();

  @TempDir Path folder = Path.of("");
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private PrintStream out = System.out;

  static Stream<String> backends() {
    return BackendRegistry.installed().providers().stream()
        .filter(
            provider -> BackendRegistry.availability(provider) instanceof Availability.Available)
        .map(BackendProvider::name);
  }

  private static LoadOptions on(String backend) {
    return LoadOptions.defaults().withBackend(backend);
  }

  @BeforeAll
  static void readExpectedNumbers() throws IOException {
    try (InputStream in = ExamplesTest.class.getResourceAsStream("/examples.json")) {
      expected = Json.readObject(Objects.requireNonNull(in).readAllBytes());
    }
  }

  @BeforeEach
  void capture() {
    out = System.out;
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void release() {
    System.setOut(out);
  }

  private String printed() {
    return printed.toString(StandardCharsets.UTF_8);
  }

  private RgbImage picture(String name) {
    assertThat(printed()).contains("wrote " + folder.resolve(name));
    return ImageReader.create().read(folder.resolve(name));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void imageClassificationGivesTheLabelsAndScoresOfHuggingFace(String backend) {
    List<Classification> labels = ImageClassification.run(on(backend), folder);
    JsonNode best = expected.get("classification");
    assertThat(labels).hasSize(best.size());
    for (int i = 0; i < best.size(); i++) {
      assertThat(labels.get(i).label()).isEqualTo(best.get(i).get("label").stringValue());
      assertThat((double) labels.get(i).score())
          .isCloseTo(best.get(i).get("score").doubleValue(), within(ROUNDING));
    }
    assertThat(printed()).startsWith(" 0.757  cat");
    assertThat(picture("1-image-classification.png").width()).isGreaterThan(600);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void maskedImageModelingReconstructsWhatHuggingFaceDoes(String backend) {
    JsonNode masked = expected.get("masked_image_modeling");
    MaskedImageModelingOutput outputs = MaskedImageModeling.run(on(backend), folder);
    assertThat((double) Objects.requireNonNull(outputs.loss()))
        .isCloseTo(masked.get("loss").doubleValue(), within(ROUNDING));
    Tensor reconstruction = outputs.reconstruction();
    assertThat(reconstruction.shape()).containsExactly(longs(masked.get("shape")));
    JsonNode means = masked.get("means_of_the_windows");
    for (int i = 0; i < means.size(); i++) {
      double mean = 0;
      for (float value : reconstruction.slice(i).toFloatArray()) {
        mean += value / reconstruction.slice(i).elementCount();
      }
      assertThat(mean).isCloseTo(means.get(i).doubleValue(), within(ROUNDING));
    }
    assertNumbers(
        reconstruction.slice(5).slice(1).slice(16).toFloatArray(),
        masked.get("row_16_of_green_of_window_5"));
    assertThat(picture("2-masked-image-modeling.png").width()).isGreaterThan(1000);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void featureExtractionFindsTheNeighboursOfHuggingFaceInItsOrder(String backend) {
    List<Neighbour> neighbours = FeatureExtraction.run(on(backend), folder);
    JsonNode others = expected.get("feature_extraction");
    assertThat(neighbours).hasSize(others.size());
    for (int i = 0; i < others.size(); i++) {
      assertThat(neighbours.get(i).photo()).hasFileName(others.get(i).get("photo").stringValue());
      assertThat(neighbours.get(i).similarity())
          .isCloseTo(others.get(i).get("similarity").doubleValue(), within(ROUNDING));
    }
    assertThat(neighbours.subList(0, 3))
        .allSatisfy(n -> assertThat(n.photo().getFileName().toString()).startsWith("ship-"));
    assertThat(picture("3-feature-extraction.png").width()).isGreaterThan(700);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void customConfigurationIsTheOneThatHuggingFaceSaves(String backend) throws IOException {
    Path saved = folder.resolve("model");
    Tensor logits = CustomConfiguration.run(on(backend), folder, saved.toString()).logits();
    JsonNode custom = expected.get("custom_configuration");
    JsonNode json = Json.readObject(Files.readAllBytes(saved.resolve("config.json")));
    assertThat(json).isEqualTo(custom.get("config"));
    assertThat(logits.shape()).containsExactly(longs(custom.get("logits_shape")));
    assertThat(printed()).contains("%,d parameters".formatted(custom.get("parameters").intValue()));
    assertThat(picture("4-custom-configuration.png").width()).isGreaterThan(700);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void whatCustomConfigurationSavesGivesTheSameLogitsInPython(String backend) throws IOException {
    Transformers.assumeInstalled();
    Path saved = folder.resolve("model");
    Tensor logits = CustomConfiguration.run(on(backend), folder, saved.toString()).logits();
    double[] logitsOfPython = Transformers.logits(saved, folder);
    assertThat(logits.toDoubleArray()).containsExactly(logitsOfPython, within(ROUNDING));
  }

  @Test
  void imagePreprocessingGivesTheBytesOfHuggingFace() throws NoSuchAlgorithmException {
    Tensor pixelValues = ImagePreprocessing.run(LoadOptions.defaults(), folder);
    JsonNode preprocessing = expected.get("image_preprocessing");
    assertThat(pixelValues.shape()).containsExactly(longs(preprocessing.get("shape")));
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    digest.update(pixelValues.data().asByteBuffer());
    assertThat(HexFormat.of().formatHex(digest.digest()))
        .isEqualTo(preprocessing.get("sha256_of_the_float32_numbers").stringValue());
    assertThat(printed())
        .contains("\"image_mean\"", "RgbImage[451x300] -> pixel_values float32[1, 3, 32, 32]");
    assertThat(picture("5-image-preprocessing.png").width()).isGreaterThan(700);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void attentionRolloutIsThatOfHuggingFacesAttentions(String backend) {
    List<float[]> layers = AttentionRollout.run(on(backend), folder);
    JsonNode rollout = expected.get("attention_rollout");
    assertThat(layers).hasSize(rollout.size());
    for (int i = 0; i < layers.size(); i++) {
      assertNumbers(layers.get(i), rollout.get(i));
    }
    assertThat(picture("6-attention-rollout.png").width()).isGreaterThan(600);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void guiceInjectsAModelOnABackendBoundByHand(String backend) {
    assertThat(GuiceInjection.run(on(backend), folder)).isEqualTo("cat");
    assertThat(printed())
        .contains("cat, says timed-" + backend)
        .containsPattern("1 run of [0-9]+ ms");
    assertThat(folder).isEmptyDirectory();
  }

  private static long[] longs(JsonNode array) {
    return array.valueStream().mapToLong(JsonNode::longValue).toArray();
  }

  private static void assertNumbers(float[] found, JsonNode wanted) {
    assertThat(found).hasSize(wanted.size());
    for (int i = 0; i < found.length; i++) {
      assertThat((double) found[i])
          .as("number %d", i)
          .isCloseTo(wanted.get(i).doubleValue(), within(ROUNDING));
    }
  }
}
