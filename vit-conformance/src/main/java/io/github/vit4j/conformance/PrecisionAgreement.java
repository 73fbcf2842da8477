package io.github.vit4j.conformance;

import io.github.vit4j.ViTForImageClassification;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.tensor.Tensor;
import java.util.Arrays;
import java.util.Locale;

/**
 * How often a classifier says the same in another arithmetic, counted over images.
 *
 * @param images how many, at least 1
 * @param sameLabel for how many of them the label with the largest logit is the same
 * @param largestProbabilityDifference of all labels of all images, 0 to 1, between the softmax of
 *     the logits; 1 where one is not a number
 */
public record PrecisionAgreement(int images, int sameLabel, double largestProbabilityDifference) {
  /** Of fewer images than this, one more or less would count for half a percent. */
  private static final int ENOUGH_IMAGES = 200;

  /**
   * {@return the share of images whose label must be the same as in float32}
   *
   * <p>For int8 0.97: a ViT-Tiny, with activations rounded token by token and weights output by
   * output, keeps the label of 97 to 98 of 100 photos (see the notes on benchmarks in {@code
   * vit-backend-onnx}), and with one scale for a whole tensor, as ONNX Runtime's Python tool writes
   * it, of 88. For bfloat16 and float16 0.99: they change the label only where two are as good as
   * equal.
   *
   * @param precision that is compared with float32
   */
  public static double leastShare(Precision precision) {
    return switch (precision) {
      case FP32 -> 1;
      case FP16, BF16 -> 0.99;
      case INT8 -> 0.97;
    };
  }

  /**
   * {@return what two sessions of one model say to the same images}
   *
   * @param expected in float32
   * @param actual in the precision to be judged
   * @param batches pixel values float32 [n, channels, height, width]
   * @throws InvalidInputException if there is no image
   */
  public static PrecisionAgreement between(
      ViTForImageClassification expected,
      ViTForImageClassification actual,
      Iterable<Tensor> batches) {
    int labels = expected.config().numLabels();
    PrecisionAgreement sum = null;
    for (Tensor pixelValues : batches) {
      PrecisionAgreement one =
          between(
              expected.forward(pixelValues).logits().toFloatArray(),
              actual.forward(pixelValues).logits().toFloatArray(),
              labels);
      sum = sum == null ? one : sum.plus(one);
    }
    if (sum == null) {
      throw new InvalidInputException(
          "precisions can be compared over images only; give at least one");
    }
    return sum;
  }

  /**
   * {@return the same for logits that are known already}
   *
   * @param expected [n, labels]
   * @param actual [n, labels]
   * @param labels how many, at least 1
   */
  public static PrecisionAgreement between(float[] expected, float[] actual, int labels) {
    if (expected.length != actual.length || labels < 1 || expected.length % labels != 0) {
      throw new InvalidInputException(
          "%d and %d logits are not those of the same images and %d labels"
              .formatted(expected.length, actual.length, labels));
    }
    int same = 0;
    double difference = 0;
    int images = expected.length / labels;
    for (int i = 0; i < images; i++) {
      double[] a = probabilities(expected, i * labels, labels);
      double[] b = probabilities(actual, i * labels, labels);
      if (finite(a) && finite(b) && best(a) == best(b)) {
        same++;
      }
      for (int j = 0; j < labels; j++) {
        double distance = Math.abs(a[j] - b[j]);
        difference = Math.max(difference, Double.isNaN(distance) ? 1 : distance);
      }
    }
    return new PrecisionAgreement(images, same, difference);
  }

  private static double[] probabilities(float[] logits, int from, int count) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = from; i < from + count; i++) {
      largest = Math.max(largest, logits[i]);
    }
    double[] result = new double[count];
    for (int i = 0; i < count; i++) {
      result[i] = Math.exp(logits[from + i] - largest);
    }
    double sum = Arrays.stream(result).sum();
    for (int i = 0; i < count; i++) {
      result[i] /= sum;
    }
    return result;
  }

  private static boolean finite(double[] probabilities) {
    return Arrays.stream(probabilities).allMatch(Double::isFinite);
  }

  /** The first of the largest. */
  private static int best(double[] probabilities) {
    int best = 0;
    for (int i = 1; i < probabilities.length; i++) {
      if (probabilities[i] > probabilities[best]) {
        best = i;
      }
    }
    return best;
  }

  private PrecisionAgreement plus(PrecisionAgreement other) {
    return new PrecisionAgreement(
        images + other.images,
        sameLabel + other.sameLabel,
        Math.max(largestProbabilityDifference, other.largestProbabilityDifference));
  }

  /** {@return the share of images with the same label, 0 to 1} */
  public double share() {
    return (double) sameLabel / images;
  }

  /**
   * {@return whether {@link #share} is at least {@link #leastShare}, or there are too few images to
   * tell}
   *
   * @param precision that was compared with float32
   */
  public boolean isEnough(Precision precision) {
    return images < ENOUGH_IMAGES || share() >= leastShare(precision);
  }

  /** For example {@code the same label for 20 of 21 photos, probabilities within 0.0312}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "the same label for %d of %d photos, probabilities within %.4f",
        sameLabel,
        images,
        largestProbabilityDifference);
  }
}
