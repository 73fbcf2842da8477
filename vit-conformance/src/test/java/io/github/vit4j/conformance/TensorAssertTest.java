package io.github.vit4j.conformance;

import static io.github.vit4j.conformance.ViTAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.vit4j.spi.Precision;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What the assertions let pass, and what they say. */
class TensorAssertTest {
  private static final Tensor EXPECTED = Tensor.of(new double[] {1, -4, 2, 0.5, 3, 0}, 2, 3);

  private static String message(ThrowingCallable assertion) {
    Throwable failure = catchThrowable(assertion);
    assertThat(failure).isInstanceOf(AssertionError.class);
    return String.valueOf(failure.getMessage());
  }

  @Test
  void theErrorIsRelativeToTheLargestMagnitude() {
    Tensor actual = Tensor.of(new float[] {1, -4, 2, 0.5f, 3.5f, 0}, 2, 3);
    assertThat(actual).agreesWith(EXPECTED, 0.125).agreesWith(actual, 0);
    assertThat(message(() -> assertThat(actual).agreesWith(EXPECTED, 0.12)))
        .isEqualTo(
            """
            relative error 1.250e-01 is more than the tolerance 1.200e-01
              worst at [1, 1]: expected 3.0, got 3.5
              expected float64[2, 3], got float32[2, 3]""");
  }

  @Test
  void theDescriptionIsKept() {
    assertThat(message(() -> assertThat(EXPECTED).as("logits").hasShape(6)))
        .isEqualTo("[logits] expected the shape [6], got float64[2, 3]");
  }

  @Test
  void anotherShapeNeverAgrees() {
    assertThat(message(() -> assertThat(EXPECTED.reshape(3, 2)).agreesWith(EXPECTED, 1e9)))
        .isEqualTo(
            "expected the shape [2, 3], got [3, 2]; expected float64[2, 3], got float64[3, 2]");
  }

  @Test
  void whatIsNotFiniteAgreesWithItselfOnly() {
    Tensor special = Tensor.of(new double[] {Double.NaN, Double.NEGATIVE_INFINITY, 1}, 3);
    Tensor finite = Tensor.of(new double[] {0, 0, 1}, 3);
    assertThat(special).agreesWith(special, 0);
    assertThat(message(() -> assertThat(special).agreesWith(finite, 1e9)))
        .contains("relative error Infinity", "worst at [0]: expected 0.0, got NaN");
    assertThat(message(() -> assertThat(finite).agreesWith(special, 1e9)))
        .contains("relative error Infinity", "worst at [0]: expected NaN, got 0.0");
    assertThat(
            message(
                () ->
                    assertThat(Tensor.of(new double[] {Double.NaN, Double.POSITIVE_INFINITY, 1}, 3))
                        .agreesWith(special, 1e9)))
        .contains("worst at [1]: expected -Infinity, got Infinity");
  }

  @Test
  void aToleranceIsNotNegative() {
    for (double wrong : new double[] {-1e-9, Double.NaN}) {
      assertThatThrownBy(() -> assertThat(EXPECTED).agreesWith(EXPECTED, wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("a tolerance is at least 0, got " + wrong);
    }
  }

  @Test
  void shapeAndElementType() {
    assertThat(EXPECTED).hasShape(2, 3).hasElementType(ElementType.FLOAT64);
    assertThat(Tensor.scalar(1)).hasShape();
    assertThat(message(() -> assertThat(EXPECTED).hasShape(3, 2)))
        .isEqualTo("expected the shape [3, 2], got float64[2, 3]");
    assertThat(message(() -> assertThat(EXPECTED).hasElementType(ElementType.FLOAT16)))
        .isEqualTo("expected elements of type float16, got float64[2, 3]");
  }

  @Test
  void finite() {
    assertThat(EXPECTED).isFinite();
    assertThat(Tensor.of(new boolean[] {true}, 1)).isFinite();
    float inf = Float.POSITIVE_INFINITY;
    assertThat(
            message(
                () ->
                    assertThat(Tensor.of(new float[] {0, 1, 2, inf, 4, Float.NaN}, 3, 2))
                        .isFinite()))
        .isEqualTo(
            "expected finite numbers, got Infinity at [1, 1]; not finite are 2 of 6 in"
                + " float32[3, 2]");
  }

  @Test
  void nullIsAFailure() {
    Tensor nothing = null;
    assertThat(message(() -> assertThat(nothing).isFinite())).contains("not to be null");
  }

  @Test
  void agreesWithWhatTheKitExpects() {
    ExpectedTensor expected =
        new ExpectedTensor(
            "logits",
            new long[] {2},
            new TensorView.Whole(),
            Tensor.of(new double[] {1, -2}, 2),
            null,
            Map.of(Precision.FP32, 1e-6));
    assertThat(Tensor.of(new float[] {1, -2}, 2)).agreesWith(expected, Precision.FP32);
    assertThatThrownBy(
            () ->
                assertThat(Tensor.of(new float[] {1.5f, -2}, 2))
                    .agreesWith(expected, Precision.FP32))
        .isInstanceOf(AssertionError.class)
        .hasMessage(
            "logits: relative error 2.50e-01 at [0]: expected 1.0, got 1.5, more than the tolerance 4.000e-06");
    assertThatThrownBy(
            () ->
                assertThat(Tensor.of(new float[] {1, -2}, 2)).agreesWith(expected, Precision.BF16))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
