package io.github.vit4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.spi.Precision;
import io.github.vit4j.tensor.Tensor;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TensorViewTest {
  private static Tensor counting(long... shape) {
    float[] values = new float[(int) Tensor.elementCount(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    return Tensor.of(values, shape);
  }

  @Test
  void aSliceIsABlock() {
    Tensor block =
        new TensorView.Slice(List.of(1L, 0L, 2L), List.of(1L, 2L, 2L)).of(counting(2, 3, 4));
    assertThat(block.shape()).containsExactly(1, 2, 2);
    assertThat(block.toDoubleArray()).containsExactly(14, 15, 18, 19);
  }

  @Test
  void aSliceOutsideIsAnError() {
    TensorView slice = new TensorView.Slice(List.of(1L), List.of(2L));
    assertThatThrownBy(() -> slice.of(counting(2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("float32[2] has no block slice [1] + [2]");
  }

  @Test
  void anErrorAnywhereShowsInEveryProjection() {
    TensorView projections = new TensorView.Projections(1, 16);
    double[] before = projections.of(counting(5, 7)).toDoubleArray();
    for (int i = 0; i < 35; i++) {
      Tensor tensor = counting(5, 7);
      tensor.setFloat(i, i + 1);
      double[] after = projections.of(tensor).toDoubleArray();
      for (int k = 0; k < 16; k++) {
        assertThat(Math.abs(after[k] - before[k])).isBetween(0.169, 0.1691); // 1 / sqrt(35)
      }
    }
  }

  @Test
  void exchangedNumbersShow() {
    TensorView projections = new TensorView.Projections(1, 16);
    Tensor exchanged = counting(5, 7);
    exchanged.setFloat(3, 20);
    exchanged.setFloat(20, 3);
    assertThat(projections.of(exchanged).toDoubleArray())
        .isNotEqualTo(projections.of(counting(5, 7)).toDoubleArray());
  }

  /** In the shape of vit-base-patch16-224, with the tolerances that are stored for it. */
  @Test
  void oneWrongTokenOfAFullSizeModelShows() {
    ExpectedTensor stored =
        ReferenceCases.named("vit-base-patch16-224").runs().getFirst().expected().stream()
            .filter(expected -> expected.view() instanceof TensorView.Projections)
            .findFirst()
            .orElseThrow();
    long[] shape = stored.shape();
    Random random = new Random(1);
    float[] right = new float[(int) Tensor.elementCount(shape)];
    for (int i = 0; i < right.length; i++) {
      right[i] = (float) random.nextGaussian();
    }
    float[] wrong = right.clone();
    int hidden = (int) shape[2];
    System.arraycopy(right, 150 * hidden, wrong, 100 * hidden, hidden); // token 150 twice
    double error =
        TensorDifference.between(
                stored.view().of(Tensor.of(wrong, shape)),
                stored.view().of(Tensor.of(right, shape)))
            .relativeError();
    assertThat(error).isGreaterThan(1000 * stored.tolerance(Precision.FP32).orElseThrow());
  }
}
