package io.github.vit4j.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class NativeMemoryTest {
  @Test
  void alignedNativeTensorsAreNotCopied() {
    Tensor tensor = Tensor.allocate(ElementType.FLOAT32, 2, 3);
    assertThat(NativeMemory.aligned(tensor)).isSameAs(tensor);
    assertThat(NativeMemory.buffer(tensor).isDirect()).isTrue();
    NativeMemory.buffer(tensor).putFloat(4, 7f);
    assertThat(tensor.toFloatArray()[1]).isEqualTo(7f);
  }

  @Test
  void othersAreCopied() {
    MemorySegment bytes = Arena.ofAuto().allocate(13, 4);
    bytes.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 1, 5f);
    Tensor odd = Tensor.of(bytes.asSlice(1, 12), ElementType.FLOAT32, 3);
    Tensor copy = NativeMemory.aligned(odd);
    assertThat(copy.data().address() % 4).isZero();
    assertThat(copy.toFloatArray()).containsExactly(5f, 0f, 0f);
  }

  @Test
  void releasedMemoryIsRefused() {
    Tensor tensor;
    try (Arena arena = Arena.ofConfined()) {
      tensor = Tensor.of(arena.allocate(8, 4), ElementType.FLOAT32, 2);
    }
    assertThatThrownBy(() -> NativeMemory.buffer(tensor))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("released");
    assertThatThrownBy(() -> NativeMemory.aligned(tensor))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("released");
  }

  @Test
  void masksHaveOnlyZeroAndOne() {
    Tensor clean = Tensor.of(new boolean[] {true, false}, 2);
    assertThat(NativeMemory.normalisedMask(clean)).isSameAs(clean);
    Tensor dirty = Tensor.allocate(ElementType.BOOL, 3);
    dirty.data().set(ValueLayout.JAVA_BYTE, 1, (byte) 0x80);
    Tensor normalised = NativeMemory.normalisedMask(dirty);
    assertThat(normalised.data().toArray(ValueLayout.JAVA_BYTE)).containsExactly(0, 1, 0);
  }
}
