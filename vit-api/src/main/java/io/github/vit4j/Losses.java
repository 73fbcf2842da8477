package io.github.vit4j;

import io.github.vit4j.config.ProblemType;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.tensor.Tensor;

/**
 * The losses of HuggingFace's heads ({@code transformers/loss/loss_utils.py}, {@code
 * models/vit/modeling_vit.py}), summed in double precision.
 */
final class Losses {
  /** What torch's cross entropy leaves out of the mean. */
  private static final long IGNORED_LABEL = -100;

  private Losses() {}

  /**
   * The loss of a classifier, by the configured problem type or, without one, by HuggingFace's
   * rule: one label is a regression, integer labels are class indices, anything else is one truth
   * value per label.
   */
  static float classification(ViTConfig config, Tensor logits, Tensor labels) {
    ProblemType problemType = config.problemType();
    if (problemType == null) {
      problemType =
          config.numLabels() == 1
              ? ProblemType.REGRESSION
              : config.numLabels() > 1 && !labels.elementType().isFloatingPoint()
                  ? ProblemType.SINGLE_LABEL_CLASSIFICATION
                  : ProblemType.MULTI_LABEL_CLASSIFICATION;
    }
    return (float)
        switch (problemType) {
          case REGRESSION -> meanSquaredError(logits, labels);
          case SINGLE_LABEL_CLASSIFICATION -> crossEntropy(logits, labels);
          case MULTI_LABEL_CLASSIFICATION -> binaryCrossEntropy(logits, labels);
        };
  }

  private static double meanSquaredError(Tensor logits, Tensor labels) {
    requireAsManyAs(logits, labels);
    double sum = 0;
    for (long i = 0; i < logits.elementCount(); i++) {
      double difference = logits.getFloat(i) - labels.getFloat(i);
      sum += difference * difference;
    }
    return sum / logits.elementCount();
  }

  private static double crossEntropy(Tensor logits, Tensor labels) {
    long classes = logits.dimension(1);
    if (labels.elementType().isFloatingPoint() || labels.elementCount() != logits.dimension(0)) {
      throw new InvalidInputException(
          "labels must be int64 [%d], one class index per image, got %s"
              .formatted(logits.dimension(0), labels));
    }
    double sum = 0;
    long counted = 0;
    for (long image = 0; image < logits.dimension(0); image++) {
      long label = labels.getLong(image);
      if (label == IGNORED_LABEL) {
        continue;
      }
      if (label < 0 || label >= classes) {
        throw new InvalidInputException(
            "label %d of image %d is not one of the %d classes".formatted(label, image, classes));
      }
      long row = image * classes;
      double max = Double.NEGATIVE_INFINITY;
      for (long i = row; i < row + classes; i++) {
        max = Math.max(max, logits.getFloat(i));
      }
      double exponentials = 0;
      for (long i = row; i < row + classes; i++) {
        exponentials += Math.exp(logits.getFloat(i) - max);
      }
      sum += max + Math.log(exponentials) - logits.getFloat(row + label);
      counted++;
    }
    return sum / counted;
  }

  private static double binaryCrossEntropy(Tensor logits, Tensor labels) {
    requireAsManyAs(logits, labels);
    double sum = 0;
    for (long i = 0; i < logits.elementCount(); i++) {
      double x = logits.getFloat(i);
      sum += Math.max(x, 0) - x * labels.getFloat(i) + Math.log1p(Math.exp(-Math.abs(x)));
    }
    return sum / logits.elementCount();
  }

  private static void requireAsManyAs(Tensor logits, Tensor labels) {
    if (labels.rank() == 0
        || labels.elementCount() != logits.elementCount()
        || labels.dimension(0) != logits.dimension(0)) {
      throw new InvalidInputException(
          "labels must have one value per logit, %s, got %s"
              .formatted(Tensor.shapeToString(logits.shape()), labels));
    }
  }

  /**
   * Mean absolute error over the masked pixels: sum(|x - r| m) / (sum(m) + 1e-5) / channels, where
   * m, as in HuggingFace, counts a pixel once for all its channels.
   */
  static float maskedReconstruction(
      ViTConfig config, ViTInputs inputs, Tensor mask, Tensor reconstruction) {
    Tensor pixelValues = inputs.pixelValues();
    if (!reconstruction.hasShape(pixelValues.shape())) {
      throw new InvalidInputException(
          "no loss can be computed: the reconstruction is %s, the pixel values are %s"
              .formatted(reconstruction, pixelValues));
    }
    int channels = config.numChannels();
    int height = inputs.imageSize().height();
    int width = inputs.imageSize().width();
    int patchHeight = config.patchSize().height();
    int patchWidth = config.patchSize().width();
    int columns = inputs.patchColumns(config);
    long patches = mask.dimension(1);
    double sum = 0;
    long masked = 0;
    for (int image = 0; image < inputs.batchSize(); image++) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          long patch = (long) (y / patchHeight) * columns + x / patchWidth;
          if (!mask.getBoolean(image * patches + patch)) {
            continue;
          }
          masked++;
          for (int channel = 0; channel < channels; channel++) {
            long i = (((long) image * channels + channel) * height + y) * width + x;
            sum += Math.abs((double) pixelValues.getFloat(i) - reconstruction.getFloat(i));
          }
        }
      }
    }
    return (float) (sum / (masked + 1e-5) / channels);
  }
}
