package io.github.vit4j.examples;

import io.github.vit4j.LoadOptions;
import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.hub.ModelFiles;
import io.github.vit4j.image.ImageReader;
import io.github.vit4j.image.RgbImage;
import io.github.vit4j.pictures.Picture;
import io.github.vit4j.pictures.PreprocessingPicture;
import io.github.vit4j.pictures.SamplePhotos;
import io.github.vit4j.tensor.Tensor;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;

/** A photo as the numbers that a model sees. Arguments: [PHOTO [MODEL]]. */
public final class ImagePreprocessing {
  private ImagePreprocessing() {}

  /** Writes into the folder {@code pictures}. */
  public static void main(String... args) {
    run(LoadOptions.defaults(), Path.of("pictures"), args);
  }

  /** Prints the processor's settings, and draws the photo, what is seen of it, and the numbers. */
  public static Tensor run(LoadOptions noneNeeded, Path pictures, String... args) {
    Path photo = args.length > 0 ? Path.of(args[0]) : SamplePhotos.chelsea();
    String model = args.length > 1 ? args[1] : "builtin:vit-tiny-cifar10";

    ModelFiles files = ModelFiles.resolve(model);
    ViTImageProcessor processor = ViTImageProcessor.fromPretrained(files);
    RgbImage image = ImageReader.create().read(photo);
    Tensor pixelValues = processor.preprocess(Arena.ofAuto(), List.of(image), files.config());

    System.out.println(processor.toJsonString());
    System.out.println("%s -> pixel_values %s".formatted(image, pixelValues));
    Picture picture =
        PreprocessingPicture.of(image, processor, pixelValues, "As " + model + " wants it");
    System.out.println("wrote " + picture.save(pictures, "5-image-preprocessing.png"));
    return pixelValues;
  }
}
