package io.github.vit4j.backend.tornado.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.backend.tornado.Doubles;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.numbers.gamma.Erf;
import org.junit.jupiter.api.Test;

class ElementaryTest {
  private interface FloatFunction {
    float apply(float x);
  }

  /** The largest error in units in the last place of the right value. */
  private static double worst(
      FloatFunction function, DoubleUnaryOperator exact, double from, double to) {
    double worst = 0;
    int steps = 400_003;
    for (int i = 0; i <= steps; i++) {
      float x = (float) (from + (to - from) * i / steps);
      double expected = exact.applyAsDouble(x);
      double error = Math.abs(function.apply(x) - expected) / Math.ulp((float) expected);
      worst = Math.max(worst, error);
    }
    return worst;
  }

  @Test
  void expIsRightToTwoUnitsInTheLastPlace() {
    assertThat(worst(Elementary::exp, Math::exp, -87, 88.7)).isLessThan(2);
    assertThat(worst(Elementary::exp, Math::exp, -1e-3, 1e-3)).isLessThan(2);
    assertThat(worst(Elementary::exp, Math::exp, -103, -87)).isLessThan(2); // subnormal
  }

  @Test
  void expEndsInZeroAndInfinity() {
    assertThat(Elementary.exp(0)).isEqualTo(1);
    assertThat(Elementary.exp(-1e30f)).isLessThan(2 * Float.MIN_VALUE);
    assertThat(Elementary.exp(Float.NEGATIVE_INFINITY)).isLessThan(2 * Float.MIN_VALUE);
    assertThat(Elementary.exp(90)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(Elementary.exp(Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(Elementary.exp(Float.NaN)).isNaN();
  }

  @Test
  void erfIsRightToThreeUnitsInTheLastPlace() {
    assertThat(worst(Elementary::erf, Erf::value, -5, 5)).isLessThan(3);
    assertThat(worst(Elementary::erf, Erf::value, -1e-3, 1e-3)).isLessThan(3);
    assertThat(worst(Elementary::erf, Erf::value, 1e-30, 1e-29)).isLessThan(3);
  }

  @Test
  void erfEndsInOne() {
    for (float x : new float[] {4, 10, 1e19f, 1e30f, Float.POSITIVE_INFINITY}) {
      assertThat(Elementary.erf(x)).isEqualTo(1);
      assertThat(Elementary.erf(-x)).isEqualTo(-1);
    }
    assertThat(Elementary.erf(0)).isZero();
    assertThat(Elementary.erf(Float.NaN)).isNaN();
  }

  @Test
  void tanhIsRightToThreeUnitsInTheLastPlace() {
    assertThat(worst(Elementary::tanh, Math::tanh, -10, 10)).isLessThan(3);
    assertThat(worst(Elementary::tanh, Math::tanh, -1e-3, 1e-3)).isLessThan(3);
    assertThat(Elementary.tanh(Float.POSITIVE_INFINITY)).isEqualTo(1);
    assertThat(Elementary.tanh(Float.NEGATIVE_INFINITY)).isEqualTo(-1);
    assertThat(Elementary.tanh(Float.NaN)).isNaN();
  }

  @Test
  void sigmoidAndSoftplusAreRightToFourUnitsInTheLastPlace() {
    assertThat(worst(Elementary::sigmoid, Doubles::sigmoid, -80, 80)).isLessThan(4);
    assertThat(worst(ElementaryTest::softplus, Doubles::softplus, -80, 80)).isLessThan(4);
    assertThat(softplus(1e30f)).isEqualTo(1e30f);
    assertThat(softplus(Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(Elementary.sigmoid(Float.NEGATIVE_INFINITY)).isZero();
    assertThat(Elementary.sigmoid(Float.POSITIVE_INFINITY)).isEqualTo(1);
  }

  @Test
  void theSquareRootIsTheNearestNumber() {
    assertThat(worst(Elementary::sqrt, Math::sqrt, 0, 1e6)).isLessThanOrEqualTo(0.5);
  }

  private static float softplus(float x) {
    return Elementary.softplus(x, Elementary.exp(-Math.abs(x)));
  }
}
