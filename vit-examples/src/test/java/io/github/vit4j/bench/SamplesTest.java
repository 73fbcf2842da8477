package io.github.vit4j.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class SamplesTest {
  @Test
  void quantilesInterpolateAsNumpysDo() {
    Samples samples = Samples.of(new double[] {4, 1, 3, 2});
    assertThat(samples.median()).isEqualTo(2.5); // numpy.quantile([4, 1, 3, 2], 0.5)
    assertThat(samples.quantile(0.1)).isCloseTo(1.3, within(1e-12));
    assertThat(samples.quantile(1)).isEqualTo(4);
    assertThat(Samples.of(new double[] {7}).quantile(0.9)).isEqualTo(7);
  }

  @Test
  void ratiosAreOfNeighbours() {
    Samples ratios = Samples.of(new double[] {1, 20}).over(Samples.of(new double[] {2, 10}));
    assertThat(ratios.values()).containsExactly(0.5, 2.0);
  }

  @Test
  void otherNumbersOfTurnsCannotBeCompared() {
    Samples one = Samples.of(new double[] {1});
    assertThatThrownBy(() -> one.over(Samples.of(new double[] {1, 2})))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Samples(List.of())).isInstanceOf(IllegalArgumentException.class);
  }
}
