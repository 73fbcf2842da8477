package io.github.vit4j.conformance;

import io.github.vit4j.spi.Precision;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.util.Locale;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/** Assertions about a {@link Tensor}; see {@link ViTAssertions#assertThat}. */
public final class TensorAssert extends AbstractAssert<TensorAssert, Tensor> {
  TensorAssert(@Nullable Tensor actual) {
    super(actual, TensorAssert.class);
  }

  /**
   * Every number is within {@code tolerance} of the expected one. Numbers are compared in float64,
   * so that the element types may differ; the shapes may not. A NaN agrees with NaN alone, an
   * infinity with itself alone.
   *
   * @param expected of any element type
   * @param tolerance the largest difference allowed, as a share of the largest expected magnitude
   *     (the difference itself where everything expected is 0); at least 0
   * @return this assertion
   * @throws IllegalArgumentException if {@code tolerance} is negative or NaN
   */
  public TensorAssert agreesWith(Tensor expected, double tolerance) {
    if (!(tolerance >= 0)) {
      throw new IllegalArgumentException("a tolerance is at least 0, got " + tolerance);
    }
    isNotNull();
    TensorDifference difference = TensorDifference.between(actual, expected);
    if (!difference.shapes().isEmpty()) {
      throw failure(
          "%s",
          String.format(
              Locale.ROOT, "%s; expected %s, got %s", difference.shapes(), expected, actual));
    }
    if (!(difference.relativeError() <= tolerance)) {
      throw failure(
          "%s",
          String.format(
              Locale.ROOT,
              "relative error %.3e is more than the tolerance %.3e%n"
                  + "  worst at %s: expected %s, got %s%n"
                  + "  expected %s, got %s",
              difference.relativeError(),
              tolerance,
              Tensor.shapeToString(difference.worstIndex()),
              difference.expected(),
              difference.actual(),
              expected,
              actual));
    }
    return this;
  }

  /**
   * The tensor is as near to the float64 result as the kit asks of a backend in that precision.
   *
   * @param expected what transformers computes
   * @param precision of the session that computed it
   * @return this assertion
   * @throws IllegalArgumentException if {@code expected} has no tolerance in that precision
   */
  public TensorAssert agreesWith(ExpectedTensor expected, Precision precision) {
    isNotNull();
    Measurement measurement =
        expected
            .compare(actual, precision)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "%s has no tolerance in %s".formatted(expected, precision)));
    if (!measurement.agrees()) {
      throw failure(
          "%s",
          String.format(
              Locale.ROOT,
              "%s: %s, more than the tolerance %.3e",
              expected,
              expected.difference(actual),
              measurement.tolerance()));
    }
    return this;
  }

  /**
   * The dimensions are exactly these.
   *
   * @param shape the dimensions, outermost first; none for a scalar
   * @return this assertion
   */
  public TensorAssert hasShape(long... shape) {
    isNotNull();
    if (!actual.hasShape(shape)) {
      throw failure(
          "%s",
          String.format(
              Locale.ROOT, "expected the shape %s, got %s", Tensor.shapeToString(shape), actual));
    }
    return this;
  }

  /**
   * The elements are of that type.
   *
   * @param type as it is stored; nothing is converted
   * @return this assertion
   */
  public TensorAssert hasElementType(ElementType type) {
    isNotNull();
    if (actual.elementType() != type) {
      throw failure(
          "%s", String.format(Locale.ROOT, "expected elements of type %s, got %s", type, actual));
    }
    return this;
  }

  /**
   * No number is NaN or infinite.
   *
   * @return this assertion
   */
  public TensorAssert isFinite() {
    isNotNull();
    long first = -1;
    long count = 0;
    for (long i = 0; i < actual.elementCount(); i++) {
      if (!Double.isFinite(actual.getDouble(i))) {
        first = count == 0 ? i : first;
        count++;
      }
    }
    if (count > 0) {
      throw failure(
          "%s",
          String.format(
              Locale.ROOT,
              "expected finite numbers, got %s at %s; not finite are %d of %d in %s",
              actual.getDouble(first),
              Tensor.shapeToString(TensorDifference.index(first, actual.shape())),
              count,
              actual.elementCount(),
              actual));
    }
    return this;
  }
}
