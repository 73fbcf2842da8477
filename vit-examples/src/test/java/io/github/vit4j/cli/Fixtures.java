package io.github.vit4j.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.Checkpoint;
import io.github.vit4j.weights.Safetensors;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/** Small models, images and tensors to run on. */
final class Fixtures {
  private Fixtures() {}

  /**
   * A random model: 3 x 16 x 16 pixels, four patches, hidden size 8, three labels.
   *
   * @param options further options of {@code vit config}, in place of these
   */
  static Path tinyModel(Path directory, String... options) {
    Map<String, String> byName = new LinkedHashMap<>();
    Stream.concat(
            Stream.of(
                "--hidden-size=8",
                "--num-hidden-layers=2",
                "--num-attention-heads=2",
                "--intermediate-size=16",
                "--image-size=16",
                "--patch-size=8",
                "--encoder-stride=8",
                "--num-labels=3",
                "--initializer-range=0.3"),
            Stream.of(options))
        .forEach(option -> byName.put(option.replaceAll("=.*", ""), option));
    Vit.run(
            Stream.concat(
                    Stream.of("config", "--save", directory.toString()), byName.values().stream())
                .toArray())
        .succeeds();
    return directory;
  }

  /** A picture of one colour. */
  static Path image(Path file, int rgb) throws IOException {
    BufferedImage image = new BufferedImage(20, 10, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        image.setRGB(x, y, rgb);
      }
    }
    ImageIO.write(image, "png", file.toFile());
    return file;
  }

  /** Pixel values that differ from each other. */
  static Tensor pixelValues(long... shape) {
    float[] values = new float[Math.toIntExact(Tensor.elementCount(shape))];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i);
    }
    return Tensor.of(values, shape);
  }

  /** A safetensors file. */
  static Path tensors(Path file, Map<String, Tensor> tensors) {
    Safetensors.write(file, tensors, Map.of());
    return file;
  }

  /** A tensor of a file. */
  static Tensor read(Path file, String name) {
    return Objects.requireNonNull(Checkpoint.open(file).get(name), name).tensor();
  }

  /** Something in the folder beside the repository that holds large test data, if it is there. */
  static Path shared(String name) {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("vit-api")) && root.getParent() != null) {
      root = root.getParent();
    }
    Path file = root.resolveSibling("shared").resolve(name);
    assumeTrue(Files.exists(file), () -> "skipped: there is no " + file);
    return file;
  }
}
