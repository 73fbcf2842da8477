package io.github.vit4j.backend.tornado.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.backend.tornado.Doubles;
import io.github.vit4j.config.Activation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ActivationKernelsTest {
  @ParameterizedTest
  @EnumSource
  void isWhatFloat64Gives(Activation activation) {
    int number = ActivationKernels.numberOf(activation);
    for (int i = -200_000; i <= 200_000; i++) {
      float x = i / 10_000f;
      double expected = Doubles.activation(activation, x);
      // Functions of the kind x * share(x) lose what the share loses: units of x.
      double unit = Math.max(Math.ulp(1f), Math.max(Math.abs(x), Math.abs(expected)) * 1.2e-7);
      Doubles.assertClose(
          ActivationKernels.apply(number, x), expected, 3 * unit, activation + " of " + x);
    }
  }

  @ParameterizedTest
  @EnumSource
  void isWhatFloat64GivesFarOut(Activation activation) {
    int number = ActivationKernels.numberOf(activation);
    for (float x : new float[] {-1e4f, -1000, -200, -100, -88, 88, 100, 200, 1000, 1e4f}) {
      double expected = Doubles.activation(activation, x);
      // The floor is what roots of subnormal numbers lose.
      double error = Math.max(1e-22, Math.abs(expected) * 1e-6);
      Doubles.assertClose(
          ActivationKernels.apply(number, x), expected, error, activation + " of " + x);
    }
  }

  @ParameterizedTest
  @EnumSource
  void handsNotANumberOn(Activation activation) {
    assertThat(ActivationKernels.apply(ActivationKernels.numberOf(activation), Float.NaN)).isNaN();
  }
}
