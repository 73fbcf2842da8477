package io.github.vit4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs each program as its reader would, on the bundled model and photo. */
class ExamplesTest {
  private static final String PHOTO = Path.of("photos", "chelsea.png").toString();

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private PrintStream out = System.out;

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

  @Test
  void imageClassificationSeesACat() {
    ImageClassification.main(PHOTO);
    assertThat(printed().lines().skip(1)).hasSize(5).first().asString().endsWith("  cat");
  }

  @Test
  void maskedImageModelingReconstructsAPictureOfTheSameSize() {
    MaskedImageModeling.main(PHOTO);
    assertThat(printed()).containsPattern("loss: +[0-9.]+").contains("float32[1, 3, 32, 32]");
  }

  @Test
  void featureExtractionGivesAVectorPerToken() {
    FeatureExtraction.main(PHOTO);
    assertThat(printed())
        .contains("float32[1, 65, 192]")
        .containsPattern("CLS features: +\\[-?[0-9.]");
  }

  @Test
  void customConfigurationRunsAndSaves(@TempDir Path folder) {
    CustomConfiguration.main(folder.toString());
    assertThat(printed()).startsWith("ViTConfig {").contains("float32[1, 10]");
    assertThat(folder.resolve("model.safetensors")).isNotEmptyFile();
    assertThat(folder.resolve("config.json")).isNotEmptyFile();
  }

  @Test
  void imagePreprocessingShowsWhatTheModelSees() {
    ImagePreprocessing.main(PHOTO);
    assertThat(printed())
        .contains("\"image_mean\"")
        .contains("451 x 300 pixels -> pixel_values float32[1, 3, 32, 32]");
  }
}
