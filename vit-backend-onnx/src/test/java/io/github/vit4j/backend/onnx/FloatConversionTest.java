package io.github.vit4j.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FloatConversionTest {
  private static final int COUNT = 65536;

  @ParameterizedTest
  @EnumSource(
      value = ElementType.class,
      names = {"FLOAT16", "BFLOAT16"})
  void convertsEveryHalf(ElementType type) {
    Tensor halves = Tensor.allocate(type, 8, COUNT / 8);
    for (int i = 0; i < COUNT; i++) {
      halves.data().setAtIndex(java.lang.foreign.ValueLayout.JAVA_SHORT, i, (short) i);
    }
    try (Arena arena = Arena.ofConfined()) {
      Tensor floats = FloatConversion.toFloat32(arena, halves);
      assertThat(floats.shape()).containsExactly(8, COUNT / 8);
      assertThat(floats.toFloatArray()).isEqualTo(halves.toFloatArray());
    }
  }

  @Test
  void convertsDoublesAndWhatLiesOnTheHeap() {
    Tensor doubles = Tensor.allocate(ElementType.FLOAT64, 3);
    doubles.setFloat(0, 1.5f);
    doubles.setFloat(2, -3e30f);
    Tensor heap = Tensor.of(MemorySegment.ofArray(new float[] {1, 2, 3}), ElementType.FLOAT32, 3);
    try (Arena arena = Arena.ofConfined()) {
      assertThat(FloatConversion.toFloat32(arena, doubles).toFloatArray())
          .containsExactly(1.5f, 0, -3e30f);
      Tensor copy = FloatConversion.toFloat32(arena, heap);
      assertThat(copy.data().isNative()).isTrue();
      assertThat(copy.toFloatArray()).containsExactly(1, 2, 3);
    }
  }

  @Test
  void takesNativeFloatsAsTheyAre() {
    Tensor floats = Tensor.of(new float[] {1, 2}, 2);
    try (Arena arena = Arena.ofConfined()) {
      assertThat(FloatConversion.toFloat32(arena, floats)).isSameAs(floats);
    }
  }
}
