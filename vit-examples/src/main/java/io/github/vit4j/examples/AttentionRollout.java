package io.github.vit4j.examples;

import io.github.vit4j.ForwardOptions;
import io.github.vit4j.LoadOptions;
import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.ViTModel;
import io.github.vit4j.image.ImageReader;
import io.github.vit4j.image.RgbImage;
import io.github.vit4j.pictures.AttentionPicture;
import io.github.vit4j.pictures.Picture;
import io.github.vit4j.pictures.SamplePhotos;
import io.github.vit4j.tensor.Tensor;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where does the model look? Attention rollout (Abnar and Zuidema, 2020, "Quantifying Attention
 * Flow in Transformers"). Arguments: [PHOTO [MODEL]].
 */
public final class AttentionRollout {
  private AttentionRollout() {}

  /** On the backend that VIT4J_BACKEND names, writing into the folder {@code pictures}. */
  public static void main(String... args) {
    run(LoadOptions.defaults(), Path.of("pictures"), args);
  }

  /** How much of each patch has reached the CLS token after each layer, patches row by row. */
  public static List<float[]> run(LoadOptions options, Path pictures, String... args) {
    Path photo = args.length > 0 ? Path.of(args[0]) : SamplePhotos.chelsea();
    String name = args.length > 1 ? args[1] : "builtin:vit-tiny-cifar10";

    ViTImageProcessor processor = ViTImageProcessor.fromPretrained(name);
    RgbImage image = ImageReader.create().read(photo);
    try (ViTModel model = ViTModel.fromPretrained(name, options)) {
      Tensor pixelValues = processor.preprocess(Arena.ofAuto(), List.of(image), model.config());
      ForwardOptions wanted = ForwardOptions.defaults().withAttentions(true);
      List<Tensor> attentions = model.forward(pixelValues, wanted).attentions();

      int tokens = model.config().numPatches() + 1;
      float[] rollout = new float[tokens * tokens];
      for (int i = 0; i < tokens; i++) {
        rollout[i * tokens + i] = 1;
      }
      List<float[]> layers = new ArrayList<>();
      for (Tensor attention : attentions) {
        rollout = throughLayer(attention.slice(0), rollout);
        layers.add(Arrays.copyOfRange(rollout, 1, tokens)); // the CLS token's row
      }
      int columns = model.config().patchColumns();
      String by = name + " on " + model.info();
      Picture picture = AttentionPicture.of(image, processor, layers, columns, by);
      System.out.println("wrote " + picture.save(pictures, "6-attention-rollout.png"));
      return layers;
    }
  }

  /** (mean over the heads + identity) / 2, whose rows sum to 1, times the rollout so far. */
  private static float[] throughLayer(Tensor attention, float[] rollout) {
    int heads = Math.toIntExact(attention.dimension(0));
    int tokens = Math.toIntExact(attention.dimension(1));
    float[] result = new float[rollout.length];
    for (int i = 0; i < tokens; i++) {
      for (int k = 0; k < tokens; k++) {
        float weight = i == k ? heads : 0;
        for (int head = 0; head < heads; head++) {
          weight += attention.getFloat((head * tokens + i) * tokens + k);
        }
        for (int j = 0; j < tokens; j++) {
          result[i * tokens + j] += weight / (2 * heads) * rollout[k * tokens + j];
        }
      }
    }
    return result;
  }
}
