package io.github.vit4j.spi;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ImageSize;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a run is given and asked for.
 *
 * @param pixelValues float32 [n, channels, height, width]
 * @param boolMaskedPos bool [n, patches], true where a patch is replaced by the mask token; null
 *     masks nothing
 * @param interpolatePosEncoding whether images of another size than the configured one are
 *     accepted, with position embeddings interpolated to them
 * @param outputs what to compute; at least one; cannot be changed
 */
public record ViTInputs(
    Tensor pixelValues,
    @Nullable Tensor boolMaskedPos,
    boolean interpolatePosEncoding,
    Set<Output> outputs) {
  /** Copies the set. */
  public ViTInputs {
    if (outputs.isEmpty()) {
      throw new IllegalArgumentException("no outputs asked for");
    }
    outputs = Collections.unmodifiableSet(EnumSet.copyOf(outputs));
  }

  /** {@return how many images there are} */
  public int batchSize() {
    return Math.toIntExact(pixelValues.dimension(0));
  }

  /** {@return height and width of the images in pixels} */
  public ImageSize imageSize() {
    return new ImageSize(
        Math.toIntExact(pixelValues.dimension(2)), Math.toIntExact(pixelValues.dimension(3)));
  }

  /**
   * {@return the rows of patches; what does not fill a patch at the bottom is ignored, as a
   * convolution does}
   *
   * @param config tells the height of a patch
   */
  public int patchRows(ViTConfig config) {
    return imageSize().height() / config.patchSize().height();
  }

  /**
   * {@return the columns of patches; what does not fill a patch at the right is ignored, as a
   * convolution does}
   *
   * @param config tells the width of a patch
   */
  public int patchColumns(ViTConfig config) {
    return imageSize().width() / config.patchSize().width();
  }

  /**
   * {@return whether position embeddings have to be interpolated for these images} HuggingFace
   * skips it only when the images are square and have as many patches as the model has positions.
   *
   * @param config tells how many positions the model has
   */
  public boolean needsInterpolation(ViTConfig config) {
    return interpolatePosEncoding
        && !(patchRows(config) * patchColumns(config) == config.numPatches()
            && imageSize().isSquare());
  }

  /**
   * Checks everything that can be wrong before an engine sees it, with HuggingFace's messages where
   * it has one.
   *
   * @param model what the inputs are for
   * @throws InvalidInputException if these inputs do not fit {@code model}
   */
  public void checkAgainst(ModelDefinition model) {
    ViTConfig config = model.config();
    if (pixelValues.elementType() != ElementType.FLOAT32 || pixelValues.rank() != 4) {
      throw new InvalidInputException(
          "pixel_values must be float32 [images, channels, height, width], got " + pixelValues);
    }
    if (pixelValues.dimension(0) < 1
        || pixelValues.dimension(0) > Integer.MAX_VALUE
        || pixelValues.dimension(2) < 1
        || pixelValues.dimension(2) > Integer.MAX_VALUE
        || pixelValues.dimension(3) < 1
        || pixelValues.dimension(3) > Integer.MAX_VALUE) {
      throw new InvalidInputException("pixel_values hold no image: " + pixelValues);
    }
    if (pixelValues.dimension(1) != config.numChannels()) {
      throw new InvalidInputException(
          ("Make sure that the channel dimension of the pixel values match with the one set in the configuration."
                  + " Expected %d but got %d.")
              .formatted(config.numChannels(), pixelValues.dimension(1)));
    }
    checkImageSize(config);
    int patches = Math.multiplyExact(patchRows(config), patchColumns(config));
    if (model.architecture() == Architecture.VIT_FOR_MASKED_IMAGE_MODELING
        && !isSquareNumber(patches)) {
      throw new InvalidInputException(
          "masked image modeling needs a square number of patches, an image of %s has %d x %d"
              .formatted(imageSize(), patchRows(config), patchColumns(config)));
    }
    checkMask(model, patches);
    for (Output output : outputs) {
      if (!model.outputs().contains(output)) {
        throw new InvalidInputException(
            "this %s has no %s%s; it has %s"
                .formatted(
                    model.architecture(),
                    output,
                    output == Output.POOLER_OUTPUT
                        ? " (the checkpoint lacks pooler.dense.weight)"
                        : "",
                    model.outputs()));
      }
    }
  }

  private void checkImageSize(ViTConfig config) {
    if (!interpolatePosEncoding) {
      if (!imageSize().equals(config.imageSize())) {
        throw new InvalidInputException(
            "Input image size (%s) doesn't match model (%s)."
                .formatted(imageSize(), config.imageSize()));
      }
      return;
    }
    if (patchRows(config) < 1 || patchColumns(config) < 1) {
      throw new InvalidInputException(
          "an image of %s is smaller than a patch of %s"
              .formatted(imageSize(), config.patchSize()));
    }
    if (needsInterpolation(config) && !isSquareNumber(config.numPatches())) {
      throw new InvalidInputException(
          "position embeddings can only be interpolated from a square grid, this model has %d x %d patches"
              .formatted(config.patchRows(), config.patchColumns()));
    }
  }

  private void checkMask(ModelDefinition model, int patches) {
    if (boolMaskedPos == null) {
      return;
    }
    if (!model.hasMaskToken() && model.source() instanceof ModelSource.Weights) {
      throw new InvalidInputException(
          "bool_masked_pos was given, but this %s has no mask token"
              .formatted(model.architecture()));
    }
    if (boolMaskedPos.elementType() != ElementType.BOOL
        || !boolMaskedPos.hasShape(batchSize(), patches)) {
      throw new InvalidInputException(
          "bool_masked_pos must be bool [%d, %d], got %s"
              .formatted(batchSize(), patches, boolMaskedPos));
    }
    ViTConfig config = model.config();
    ImageSize stride = ImageSize.square(config.encoderStride());
    if (model.architecture() == Architecture.VIT_FOR_MASKED_IMAGE_MODELING
        && !config.patchSize().equals(stride)) {
      throw new InvalidInputException(
          ("When `bool_masked_pos` is provided, `patch_size` must be equal to `encoder_stride` to ensure that the"
                  + " reconstructed image has the same dimensions as the input. Got `patch_size` = %s and"
                  + " `encoder_stride` = %d.")
              .formatted(
                  config.patchSize().isSquare()
                      ? Integer.toString(config.patchSize().height())
                      : config.patchSize().toString(),
                  config.encoderStride()));
    }
  }

  private static boolean isSquareNumber(int n) {
    int root = (int) Math.sqrt(n);
    return root * root == n;
  }
}
