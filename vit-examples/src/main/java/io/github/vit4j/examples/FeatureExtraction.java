package io.github.vit4j.examples;

import io.github.vit4j.BaseModelOutputWithPooling;
import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.ViTModel;
import io.github.vit4j.hub.ModelFiles;
import io.github.vit4j.image.ImageReader;
import io.github.vit4j.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;

/** A photo as a vector. Arguments: [PHOTO [MODEL]]. */
public final class FeatureExtraction {
  private FeatureExtraction() {}

  /** Prints the shape of the last hidden state and the beginning of the CLS token's features. */
  public static void main(String... args) {
    Path photo = Path.of(args.length > 0 ? args[0] : "vit-examples/photos/chelsea.png");
    ModelFiles files = ModelFiles.resolve(args.length > 1 ? args[1] : "builtin:vit-tiny-cifar10");

    ViTImageProcessor processor = ViTImageProcessor.fromPretrained(files);
    try (ViTModel model = ViTModel.fromPretrained(files)) {
      Tensor pixelValues = processor.preprocess(ImageReader.create().read(photo));
      BaseModelOutputWithPooling outputs = model.forward(pixelValues);

      Tensor cls = outputs.lastHiddenState().slice(0).slice(0);
      System.out.println("last_hidden_state: " + outputs.lastHiddenState());
      System.out.println(
          "CLS features:      " + Arrays.toString(Arrays.copyOf(cls.toFloatArray(), 6)) + " ...");
    }
  }
}
