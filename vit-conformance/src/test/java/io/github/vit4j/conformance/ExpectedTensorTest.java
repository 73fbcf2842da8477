package io.github.vit4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.spi.Precision;
import io.github.vit4j.tensor.Tensor;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExpectedTensorTest {
  private static final ExpectedTensor EXPECTED =
      new ExpectedTensor(
          "logits",
          new long[] {1, 2},
          new TensorView.Whole(),
          Tensor.of(new double[] {1, -2}, 1, 2),
          null,
          Map.of(Precision.FP32, 1e-6, Precision.BF16, 1e-3, Precision.FP16, 0.25));

  private static Measurement measure(float a, float b, Precision precision) {
    return EXPECTED.compare(Tensor.of(new float[] {a, b}, 1, 2), precision).orElseThrow();
  }

  @Test
  void theErrorIsAShareOfTheLargestMagnitude() {
    assertThat(measure(1.5f, -2, Precision.FP32))
        .isEqualTo(new Measurement("logits", 0.25, 4e-6, 1e-6));
  }

  @Test
  void theToleranceIsAMultipleOfWhatPytorchLosesAndNeverLessThanOfTheUnitRoundoff() {
    assertThat(EXPECTED.tolerance(Precision.FP32)).hasValue(4e-6);
    assertThat(EXPECTED.tolerance(Precision.BF16)).hasValue(4 * 0x1p-8);
    assertThat(measure(1, -2.000007f, Precision.FP32).agrees()).isTrue();
    assertThat(measure(1, -2.000009f, Precision.FP32).agrees()).isFalse();
  }

  @Test
  void withoutALossNothingIsJudged() {
    assertThat(EXPECTED.tolerance(Precision.INT8)).isEmpty();
    assertThat(EXPECTED.compare(Tensor.of(new float[2], 1, 2), Precision.INT8)).isEmpty();
  }

  @Test
  void whereZerosWouldPassNothingIsJudged() {
    assertThat(EXPECTED.tolerance(Precision.FP16)).isEmpty();
    assertThat(EXPECTED.compare(Tensor.of(new float[2], 1, 2), Precision.FP16)).isEmpty();
  }

  @Test
  void whatIsNotANumberOrOfAnotherShapeNeverAgrees() {
    assertThat(measure(Float.NaN, -2, Precision.FP32).agrees()).isFalse();
    assertThat(measure(1, Float.NEGATIVE_INFINITY, Precision.FP32).agrees()).isFalse();
    Tensor transposed = Tensor.of(new float[] {1, -2}, 2, 1);
    assertThat(EXPECTED.compare(transposed, Precision.FP32).orElseThrow().agrees()).isFalse();
    assertThat(EXPECTED.difference(transposed).toString())
        .isEqualTo("expected the shape [1, 2], got [2, 1]");
  }
}
