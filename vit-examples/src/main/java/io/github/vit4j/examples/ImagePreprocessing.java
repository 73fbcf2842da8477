package io.github.vit4j.examples;

import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.hub.ModelFiles;
import io.github.vit4j.image.ImageReader;
import io.github.vit4j.image.RgbImage;
import io.github.vit4j.tensor.Tensor;
import java.nio.file.Path;

/** A photo as the numbers that a model sees. Arguments: [PHOTO [MODEL]]. */
public final class ImagePreprocessing {
  private ImagePreprocessing() {}

  /** Prints the processor's settings and the range of the pixel values. */
  public static void main(String... args) {
    Path photo = Path.of(args.length > 0 ? args[0] : "vit-examples/photos/chelsea.png");
    ModelFiles files = ModelFiles.resolve(args.length > 1 ? args[1] : "builtin:vit-tiny-cifar10");

    ViTImageProcessor processor = ViTImageProcessor.fromPretrained(files);
    System.out.println(processor.toJsonString());

    RgbImage image = ImageReader.create().read(photo);
    Tensor pixelValues = processor.preprocess(image);
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    for (float value : pixelValues.toFloatArray()) {
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    System.out.printf(
        "%d x %d pixels -> pixel_values %s", image.width(), image.height(), pixelValues);
    System.out.printf(", from %.3f to %.3f%n", min, max);
  }
}
