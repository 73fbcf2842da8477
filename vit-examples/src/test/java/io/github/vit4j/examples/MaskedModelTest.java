package io.github.vit4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.vit4j.ViTForMaskedImageModeling;
import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.config.Json;
import io.github.vit4j.image.ImageReader;
import io.github.vit4j.image.RgbImage;
import io.github.vit4j.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The bundled model for masked image modelling, on pictures that it was not trained on. */
class MaskedModelTest {
  private static final String NAME = "vit-tiny-cifar10-mim";
  private static final int PICTURES = 1000;

  private static JsonNode measuredByPython() throws IOException {
    String file = "/io/github/vit4j/models/" + NAME + "/reconstruction.json";
    try (InputStream in = MaskedModelTest.class.getResourceAsStream(file)) {
      return Json.readObject(Objects.requireNonNull(in).readAllBytes())
          .get("mean_absolute_error_of_masked_pixels");
    }
  }

  @Test
  void reconstructsFarBetterThanSimpleGuesses() throws IOException {
    JsonNode errors = measuredByPython();
    double model = errors.get("model").doubleValue();
    assertThat(model)
        .isLessThan(0.5 * errors.get("mean_colour_of_the_training_set").doubleValue())
        .isLessThan(0.5 * errors.get("mean_colour_of_the_visible_patches").doubleValue())
        .isLessThan(errors.get("colours_of_the_nearest_visible_patches").doubleValue());
  }

  /** Other pictures and masks than Python's, so that the mean differs by what chance allows. */
  @Test
  void reconstructsAsWellAsPythonMeasured() throws IOException {
    double expected = measuredByPython().get("model").doubleValue();
    Path data = Path.of("../../shared/data/cifar10-jpg.zip");
    assumeTrue(Files.exists(data), "skipped: there is no " + data);
    ViTImageProcessor processor = ViTImageProcessor.fromPretrained("builtin:" + NAME);
    try (FileSystem zip = FileSystems.newFileSystem(data);
        Stream<Path> files = Files.walk(zip.getPath("/test"));
        var model = ViTForMaskedImageModeling.fromPretrained("builtin:" + NAME)) {
      List<Path> photos = files.filter(Files::isRegularFile).sorted().toList();
      Random random = new Random(1);
      double sum = 0;
      for (int i = 0; i < PICTURES; i++) {
        RgbImage photo = ImageReader.create().read(photos.get(i * photos.size() / PICTURES));
        boolean[] mask = new boolean[model.config().numPatches()];
        for (int j = 0; j < mask.length; j++) {
          mask[j] = random.nextBoolean();
        }
        Float loss =
            model.forward(processor.preprocess(photo), Tensor.of(mask, 1, mask.length)).loss();
        sum += Objects.requireNonNull(loss) / 2; // pixel values reach from -1 to 1
      }
      // The errors of single pictures spread by some 0.03, their mean by a thirtieth of that.
      assertThat(sum / PICTURES).isCloseTo(expected, within(0.003));
    }
  }
}
