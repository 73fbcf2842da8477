package io.github.vit4j.examples;

import io.github.vit4j.LoadOptions;
import io.github.vit4j.MaskedImageModelingOutput;
import io.github.vit4j.ViTForMaskedImageModeling;
import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.hub.ModelFiles;
import io.github.vit4j.image.ImageReader;
import io.github.vit4j.image.RgbImage;
import io.github.vit4j.pictures.MaskedPicture;
import io.github.vit4j.pictures.Mosaic;
import io.github.vit4j.pictures.Picture;
import io.github.vit4j.pictures.SamplePhotos;
import io.github.vit4j.tensor.Tensor;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Hides half of the patches of a photo and reconstructs them. Arguments: [PHOTO [MODEL]]. */
public final class MaskedImageModeling {
  private MaskedImageModeling() {}

  /** On the backend that VIT4J_BACKEND names, writing into the folder {@code pictures}. */
  public static void main(String... args) {
    run(LoadOptions.defaults(), Path.of("pictures"), args);
  }

  /** Draws the photo, what is left of it, and what the model makes of that. */
  public static MaskedImageModelingOutput run(LoadOptions options, Path pictures, String... args) {
    Path photo = args.length > 0 ? Path.of(args[0]) : SamplePhotos.chelsea();
    String name = args.length > 1 ? args[1] : "builtin:vit-tiny-cifar10-mim";

    ModelFiles files = ModelFiles.resolve(name);
    ViTImageProcessor processor = ViTImageProcessor.fromPretrained(files);
    // As in Python, a checkpoint without a decoder gets a random one, and a warning tells so.
    LoadOptions withDecoder = options.withInitializeMissing(0);
    try (var model = ViTForMaskedImageModeling.fromPretrained(files, withDecoder)) {
      // The bundled model sees 32 x 32 pixels, so it gets the photo in several windows.
      Mosaic mosaic = Mosaic.cut(ImageReader.create().read(photo), model.config().imageSize());
      int windows = mosaic.windows().size();
      Tensor pixelValues = processor.preprocess(Arena.ofAuto(), mosaic.windows(), model.config());

      boolean[] isMasked = new boolean[windows * model.config().numPatches()];
      Random random = new Random(0);
      for (int i = 0; i < isMasked.length; i++) {
        isMasked[i] = random.nextBoolean();
      }
      Tensor boolMaskedPos = Tensor.of(isMasked, windows, model.config().numPatches());

      MaskedImageModelingOutput outputs = model.forward(pixelValues, boolMaskedPos);
      System.out.println("loss:           " + outputs.loss());
      System.out.println("reconstruction: " + outputs.reconstruction());

      List<RgbImage> seen = new ArrayList<>();
      List<RgbImage> reconstructed = new ArrayList<>();
      for (int i = 0; i < windows; i++) {
        seen.add(processor.toRgbImage(pixelValues.slice(i)));
        reconstructed.add(processor.toRgbImage(outputs.reconstruction().slice(i)));
      }
      Mosaic original = new Mosaic(seen, mosaic.perRow());
      Picture picture =
          MaskedPicture.of(
              original,
              reconstructed,
              isMasked,
              model.config().patchSize(),
              name + " on " + model.info());
      System.out.println("wrote " + picture.save(pictures, "2-masked-image-modeling.png"));
      return outputs;
    }
  }
}
