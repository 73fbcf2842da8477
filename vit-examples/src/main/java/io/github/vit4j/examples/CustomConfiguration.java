package io.github.vit4j.examples;

import io.github.vit4j.ImageClassifierOutput;
import io.github.vit4j.LoadOptions;
import io.github.vit4j.ViTForImageClassification;
import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.image.ImageReader;
import io.github.vit4j.pictures.ArchitectureCard;
import io.github.vit4j.pictures.SamplePhotos;
import io.github.vit4j.tensor.Tensor;
import java.nio.file.Path;
import java.util.Locale;

/** A model of one's own size, with random weights. Arguments: [DIRECTORY to save it to]. */
public final class CustomConfiguration {
  private CustomConfiguration() {}

  /** On the backend that VIT4J_BACKEND names, writing into the folder {@code pictures}. */
  public static void main(String... args) {
    run(LoadOptions.defaults(), Path.of("pictures"), args);
  }

  /** Builds it, runs it on a photo, saves it as Python would, and draws what it consists of. */
  public static ImageClassifierOutput run(LoadOptions options, Path pictures, String... args) {
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
    ViTImageProcessor processor = ViTImageProcessor.builder().size(96, 96).build();

    try (var model = ViTForImageClassification.fromConfig(config, 42, options)) {
      Tensor pixelValues = processor.preprocess(ImageReader.create().read(SamplePhotos.chelsea()));
      ImageClassifierOutput outputs = model.forward(pixelValues);

      System.out.print(model.config());
      System.out.printf(Locale.ROOT, "%,d parameters%n", ArchitectureCard.parameters(config));
      System.out.println("%s -> logits %s".formatted(pixelValues, outputs.logits()));
      if (args.length > 0) {
        model.savePretrained(Path.of(args[0]));
        processor.savePretrained(Path.of(args[0]));
        System.out.println("saved to " + args[0]);
      }
      Path picture = ArchitectureCard.of(config).save(pictures, "4-custom-configuration.png");
      System.out.println("wrote " + picture);
      return outputs;
    }
  }
}
