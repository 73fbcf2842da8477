package io.github.vit4j.examples;

import io.github.vit4j.LoadOptions;
import io.github.vit4j.pipeline.Classification;
import io.github.vit4j.pipeline.ImageClassificationPipeline;
import java.nio.file.Path;

/** What is on a photo? Arguments: [PHOTO [MODEL]]. */
public final class ImageClassification {
  private ImageClassification() {}

  /** Prints the five best labels. */
  public static void main(String... args) {
    Path photo = Path.of(args.length > 0 ? args[0] : "vit-examples/photos/chelsea.png");
    String model = args.length > 1 ? args[1] : "builtin:vit-tiny-cifar10";

    try (var pipeline = ImageClassificationPipeline.fromPretrained(model, LoadOptions.defaults())) {
      System.out.println(pipeline.model().info());
      for (Classification label : pipeline.classify(photo)) {
        System.out.printf("%6.3f  %s%n", label.score(), label.label());
      }
    }
  }
}
