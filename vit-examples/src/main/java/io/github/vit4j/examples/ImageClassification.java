package io.github.vit4j.examples;

import io.github.vit4j.LoadOptions;
import io.github.vit4j.error.OneLine;
import io.github.vit4j.image.ImageReader;
import io.github.vit4j.image.RgbImage;
import io.github.vit4j.pictures.ClassificationPicture;
import io.github.vit4j.pictures.Picture;
import io.github.vit4j.pictures.SamplePhotos;
import io.github.vit4j.pipeline.Classification;
import io.github.vit4j.pipeline.ImageClassificationPipeline;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** What is on a photo? Arguments: [PHOTO [MODEL]]. */
public final class ImageClassification {
  private ImageClassification() {}

  /** On the backend that VIT4J_BACKEND names, writing into the folder {@code pictures}. */
  public static void main(String... args) {
    run(LoadOptions.defaults(), Path.of("pictures"), args);
  }

  /** Prints the five best labels, draws them beside the photo, and hands them out. */
  public static List<Classification> run(LoadOptions options, Path pictures, String... args) {
    Path photo = args.length > 0 ? Path.of(args[0]) : SamplePhotos.chelsea();
    String model = args.length > 1 ? args[1] : "builtin:vit-tiny-cifar10";

    RgbImage image = ImageReader.create().read(photo);
    try (var pipeline = ImageClassificationPipeline.fromPretrained(model, options)) {
      List<Classification> labels = pipeline.classify(image);

      for (Classification label : labels) {
        System.out.printf(Locale.ROOT, "%6.3f  %s%n", label.score(), OneLine.of(label.label()));
      }
      String computedBy = model + " on " + pipeline.model().info();
      Picture picture = ClassificationPicture.of(image, labels, computedBy);
      System.out.println("wrote " + picture.save(pictures, "1-image-classification.png"));
      return labels;
    }
  }
}
