package io.github.vit4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.spi.Precision;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PrecisionAgreementTest {
  @Test
  void countsLabelsAndFindsTheLargestDifference() {
    float[] expected = {0, (float) Math.log(3), 5, 1};
    float[] actual = {(float) Math.log(3), 0, 9, 5};
    PrecisionAgreement agreement = PrecisionAgreement.between(expected, actual, 2);
    assertThat(agreement.images()).isEqualTo(2);
    assertThat(agreement.sameLabel()).isEqualTo(1);
    assertThat(agreement.largestProbabilityDifference()).isCloseTo(0.5, within(1e-7));
    assertThat(agreement)
        .hasToString("the same label for 1 of 2 photos, probabilities within 0.5000");
  }

  @Test
  void whatIsNotANumberAgreesWithNothing() {
    float[] none = {Float.NaN, Float.NaN};
    PrecisionAgreement agreement = PrecisionAgreement.between(none, none, 2);
    assertThat(agreement.sameLabel()).isZero();
    assertThat(agreement.largestProbabilityDifference()).isEqualTo(1);
  }

  @Test
  void isJudgedOnEnoughImagesOnly() {
    assertThat(new PrecisionAgreement(20, 10, 0.5).isEnough(Precision.INT8)).isTrue();
    assertThat(new PrecisionAgreement(1000, 970, 0.1).isEnough(Precision.INT8)).isTrue();
    assertThat(new PrecisionAgreement(1000, 969, 0.1).isEnough(Precision.INT8)).isFalse();
    assertThat(new PrecisionAgreement(1000, 970, 0.1).isEnough(Precision.BF16)).isFalse();
  }

  @Test
  void refusesWhatCannotBeCompared() {
    float[] six = new float[6];
    Arrays.fill(six, 1);
    assertThatThrownBy(() -> PrecisionAgreement.between(six, new float[4], 2))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("6 and 4 logits");
    assertThatThrownBy(() -> PrecisionAgreement.between(six, six, 4))
        .isInstanceOf(InvalidInputException.class);
  }
}
