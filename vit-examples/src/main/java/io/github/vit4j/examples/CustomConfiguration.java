package io.github.vit4j.examples;

import io.github.vit4j.LoadOptions;
import io.github.vit4j.ViTForImageClassification;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.nio.file.Path;

/**
 * A Vision Transformer of one's own size, with random weights. Arguments: [DIRECTORY to save it
 * to].
 */
public final class CustomConfiguration {
  private CustomConfiguration() {}

  /** Prints the configuration and the shape of the logits. */
  public static void main(String... args) {
    ViTConfig config =
        ViTConfig.builder()
            .hiddenSize(192)
            .numHiddenLayers(4)
            .numAttentionHeads(3)
            .intermediateSize(768)
            .imageSize(96)
            .patchSize(8)
            .numLabels(10)
            .build();
    System.out.print(config);

    try (var model = ViTForImageClassification.fromConfig(config, 42, LoadOptions.defaults())) {
      Tensor pixelValues = Tensor.allocate(ElementType.FLOAT32, 1, 3, 96, 96);
      System.out.println("logits: " + model.forward(pixelValues).logits());
      if (args.length > 0) {
        model.savePretrained(Path.of(args[0]));
        System.out.println("saved to " + args[0]);
      }
    }
  }
}
