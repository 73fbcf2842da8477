package io.github.vit4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

class TensorTest {
  @Test
  void keepsValuesRowMajor() {
    Tensor tensor = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);

    assertThat(tensor.shape()).containsExactly(2, 3);
    assertThat(tensor.rank()).isEqualTo(2);
    assertThat(tensor.dimension(-1)).isEqualTo(3);
    assertThat(tensor.elementCount()).isEqualTo(6);
    assertThat(tensor.getFloat(4)).isEqualTo(5);
    assertThat(tensor.toFloatArray()).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(tensor.data().byteSize()).isEqualTo(24);
    assertThat(tensor).hasToString("float32[2, 3]");
    assertThat(tensor.hasShape(2, 3)).isTrue();
    assertThat(tensor.hasShape(3, 2)).isFalse();
  }

  @Test
  void hasScalarsAndEmptyTensors() {
    assertThat(Tensor.scalar(2.5f).toFloatArray()).containsExactly(2.5f);
    assertThat(Tensor.scalar(2.5f).rank()).isZero();
    assertThat(Tensor.allocate(ElementType.INT64, 3, 0).toLongArray()).isEmpty();
  }

  @Test
  void allocatesZeroesAlignedForVectorInstructions() {
    Tensor tensor = Tensor.allocate(ElementType.FLOAT32, 5);

    assertThat(tensor.toFloatArray()).containsOnly(0);
    assertThat(tensor.data().address() % 64).isZero();
  }

  @Test
  void cannotBeReshapedFromOutside() {
    long[] shape = {2, 1};
    Tensor tensor = Tensor.of(new float[] {1, 2}, shape);
    shape[0] = 7;
    tensor.shape()[0] = 7;

    assertThat(tensor.shape()).containsExactly(2, 1);
  }

  @Test
  void readsIntegersAndTruthValues() {
    assertThat(Tensor.of(new long[] {-1, 1L << 40}, 2).toLongArray()).containsExactly(-1, 1L << 40);
    Tensor flags = Tensor.of(new boolean[] {true, false}, 2);
    assertThat(flags.toLongArray()).containsExactly(1, 0);
    assertThat(flags.toFloatArray()).containsExactly(1, 0);
    assertThat(flags.getBoolean(0)).isTrue();
    assertThat(flags.getBoolean(1)).isFalse();

    byte[] bytes = {(byte) 0xff, (byte) 0xfe};
    assertThat(Tensor.of(MemorySegment.ofArray(bytes), ElementType.UINT8, 2).toLongArray())
        .containsExactly(255, 254);
    assertThat(Tensor.of(MemorySegment.ofArray(bytes), ElementType.INT8, 2).toLongArray())
        .containsExactly(-1, -2);
    assertThat(Tensor.of(MemorySegment.ofArray(bytes), ElementType.INT16, 1).toLongArray())
        .containsExactly(-257);
  }

  @Test
  void stacksAlongANewFirstDimension() {
    Tensor stacked =
        Tensor.stack(List.of(Tensor.of(new float[] {1, 2}, 2), Tensor.of(new float[] {3, 4}, 2)));

    assertThat(stacked.shape()).containsExactly(2, 2);
    assertThat(stacked.toFloatArray()).containsExactly(1, 2, 3, 4);
  }

  @Test
  void stacksOnlyWhatIsAlike() {
    Tensor two = Tensor.of(new float[] {1, 2}, 2);

    assertThatIllegalArgumentException().isThrownBy(() -> Tensor.stack(List.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tensor.stack(List.of(two, Tensor.of(new float[] {1, 2}, 1, 2))))
        .withMessage("cannot stack float32[1, 2] with float32[2]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tensor.stack(List.of(two, two.to(ElementType.FLOAT16))));
  }

  @Test
  void slicesAreViews() {
    Tensor tensor = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
    Tensor row = tensor.slice(1);
    Tensor rows = tensor.slice(1, 2);
    tensor.setFloat(2, 30);

    assertThat(row.shape()).containsExactly(2);
    assertThat(row.toFloatArray()).containsExactly(30, 4);
    assertThat(rows.shape()).containsExactly(2, 2);
    assertThat(rows.toFloatArray()).containsExactly(30, 4, 5, 6);
    assertThat(tensor.slice(3, 0).elementCount()).isZero();
  }

  @Test
  void slicesOnlyWhatIsThere() {
    Tensor tensor = Tensor.of(new float[] {1, 2}, 2, 1);

    assertThatThrownBy(() -> tensor.slice(2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> tensor.slice(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> tensor.slice(1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatIllegalStateException().isThrownBy(() -> Tensor.scalar(1).slice(0));
  }

  @Test
  void reshapesWithoutACopy() {
    Tensor tensor = Tensor.of(new float[] {1, 2, 3, 4}, 4);

    assertThat(tensor.reshape(2, 2).data()).isEqualTo(tensor.data());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tensor.reshape(3))
        .withMessage("float32 of shape [3] takes 12 bytes, got 16");
  }

  @Test
  void rejectsImpossibleShapes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tensor.allocate(ElementType.FLOAT32, -1))
        .withMessage("negative dimension in shape [-1]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tensor.allocate(ElementType.FLOAT32, 1L << 32, 1L << 32));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tensor.allocate(ElementType.FLOAT32, Long.MAX_VALUE / 2));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tensor.of(new float[] {1, 2}, 3))
        .withMessage("shape [3] has 3 elements, got 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tensor.of(MemorySegment.ofArray(new byte[7]), ElementType.FLOAT32, 2));
  }

  @Test
  void rejectsTheWrongKindOfNumber() {
    Tensor floats = Tensor.of(new float[] {1}, 1);
    Tensor integers = Tensor.of(new long[] {1}, 1);

    assertThatIllegalStateException().isThrownBy(() -> floats.getLong(0));
    assertThatIllegalStateException().isThrownBy(() -> integers.setFloat(0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> integers.to(ElementType.FLOAT32));
    assertThatIllegalArgumentException().isThrownBy(() -> floats.to(ElementType.INT64));
  }

  @Test
  void convertsBetweenFloatingPointTypes() {
    Tensor floats = Tensor.of(new float[] {0.1f, -2, 65504}, 3);

    assertThat(floats.to(ElementType.FLOAT32)).isSameAs(floats);
    assertThat(floats.to(ElementType.FLOAT64).toFloatArray()).containsExactly(0.1f, -2, 65504);
    assertThat(floats.to(ElementType.FLOAT16).toFloatArray())
        .containsExactly(0.099975586f, -2, 65504);
    assertThat(floats.to(ElementType.BFLOAT16).toFloatArray())
        .containsExactly(0.100097656f, -2, 65536);
  }

  @Test
  void memoryOfAnArenaEndsWithIt() {
    Tensor tensor;
    try (Arena arena = Arena.ofConfined()) {
      tensor = Tensor.allocate(arena, ElementType.FLOAT32, 2);
      assertThat(tensor.getFloat(1)).isZero();
    }
    assertThatIllegalStateException().isThrownBy(() -> tensor.getFloat(1));
  }

  @Test
  void keepsFloat64Whole() {
    double[] values = {0.1, -1e300, 1 + 0x1p-52};
    Tensor tensor = Tensor.of(values, 3);
    assertThat(tensor.elementType()).isEqualTo(ElementType.FLOAT64);
    assertThat(tensor.toDoubleArray()).containsExactly(values);
    assertThat(tensor.getFloat(0)).isEqualTo(0.1f);
    assertThat(Tensor.of(new long[] {1L << 40}, 1).getDouble(0)).isEqualTo(0x1p40);
    assertThat(Tensor.scalar(0.5f).getDouble(0)).isEqualTo(0.5);
  }
}
