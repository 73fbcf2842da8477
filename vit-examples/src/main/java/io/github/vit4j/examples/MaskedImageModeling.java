package io.github.vit4j.examples;

import io.github.vit4j.LoadOptions;
import io.github.vit4j.MaskedImageModelingOutput;
import io.github.vit4j.ViTForMaskedImageModeling;
import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.hub.ModelFiles;
import io.github.vit4j.image.ImageReader;
import io.github.vit4j.tensor.Tensor;
import java.nio.file.Path;
import java.util.random.RandomGenerator;

/**
 * Hides half of the patches of a photo and reconstructs them. Arguments: [PHOTO [MODEL]]. The
 * default model is a classifier without a decoder, so its decoder is initialised randomly, as
 * HuggingFace does in its own example: shapes and loss are real, the picture is not.
 */
public final class MaskedImageModeling {
  private MaskedImageModeling() {}

  /** Prints the loss and the shape of the reconstruction. */
  public static void main(String... args) {
    Path photo = Path.of(args.length > 0 ? args[0] : "vit-examples/photos/chelsea.png");
    ModelFiles files = ModelFiles.resolve(args.length > 1 ? args[1] : "builtin:vit-tiny-cifar10");

    ViTImageProcessor processor = ViTImageProcessor.fromPretrained(files);
    LoadOptions options = LoadOptions.defaults().withInitializeMissing(0);
    try (var model = ViTForMaskedImageModeling.fromPretrained(files, options)) {
      Tensor pixelValues = processor.preprocess(ImageReader.create().read(photo));
      boolean[] mask = new boolean[model.config().numPatches()];
      RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
      for (int i = 0; i < mask.length; i++) {
        mask[i] = random.nextBoolean();
      }

      MaskedImageModelingOutput outputs =
          model.forward(pixelValues, Tensor.of(mask, 1, mask.length));
      System.out.println("loss:           " + outputs.loss());
      System.out.println("reconstruction: " + outputs.reconstruction());
    }
  }
}
