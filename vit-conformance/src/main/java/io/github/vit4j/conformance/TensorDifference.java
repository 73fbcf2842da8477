package io.github.vit4j.conformance;

import io.github.vit4j.tensor.Tensor;
import java.util.Arrays;
import java.util.Locale;

/**
 * How far two tensors are from each other.
 *
 * @param relativeError largest difference as a share of the largest expected magnitude; the
 *     difference itself where everything expected is 0; infinite where a number is NaN or infinite
 *     on one side only, or the shapes differ
 * @param worstIndex where that difference is, one index a dimension; empty if the shapes differ
 * @param actual the number there
 * @param expected the number there
 * @param shapes {@code ""}, or how the shapes differ
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record TensorDifference(
    double relativeError, long[] worstIndex, double actual, double expected, String shapes) {

  /**
   * Compares number by number, in float64.
   *
   * @param actual of any element type
   * @param expected of any element type; its magnitude is what the error is a share of
   * @return where they differ most, and by how much
   */
  public static TensorDifference between(Tensor actual, Tensor expected) {
    if (!Arrays.equals(actual.shape(), expected.shape())) {
      return otherShapes(actual.shape(), expected.shape());
    }
    double magnitude = 0;
    double largest = -1;
    long worst = 0;
    for (long i = 0; i < expected.elementCount(); i++) {
      double wanted = expected.getDouble(i);
      double got = actual.getDouble(i);
      double difference = difference(got, wanted);
      if (difference > largest) {
        largest = difference;
        worst = i;
      }
      if (Double.isFinite(wanted)) {
        magnitude = Math.max(magnitude, Math.abs(wanted));
      }
    }
    if (expected.elementCount() == 0) {
      return new TensorDifference(0, new long[0], Double.NaN, Double.NaN, "");
    }
    return new TensorDifference(
        magnitude == 0 ? largest : largest / magnitude,
        index(worst, expected.shape()),
        actual.getDouble(worst),
        expected.getDouble(worst),
        "");
  }

  static TensorDifference otherShapes(long[] actual, long[] expected) {
    return new TensorDifference(
        Double.POSITIVE_INFINITY,
        new long[0],
        Double.NaN,
        Double.NaN,
        "expected the shape %s, got %s"
            .formatted(Tensor.shapeToString(expected), Tensor.shapeToString(actual)));
  }

  private static double difference(double actual, double expected) {
    if (Double.isFinite(actual) && Double.isFinite(expected)) {
      return Math.abs(actual - expected);
    }
    return Double.compare(actual, expected) == 0 ? 0 : Double.POSITIVE_INFINITY;
  }

  /** One index a dimension, for a row-major one. */
  static long[] index(long flat, long[] shape) {
    long[] index = new long[shape.length];
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = flat % shape[axis];
      flat /= shape[axis];
    }
    return index;
  }

  /**
   * {@return the difference on a line, for example {@code relative error 3.1e-02 at [0, 17]:
   * expected 1.25, got 1.21}}
   */
  @Override
  public String toString() {
    return shapes.isEmpty()
        ? String.format(
            Locale.ROOT,
            "relative error %.2e at %s: expected %s, got %s",
            relativeError,
            Tensor.shapeToString(worstIndex),
            expected,
            actual)
        : shapes;
  }
}
