package io.github.vit4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ElementTypeTest {
  @ParameterizedTest
  @EnumSource
  void isFoundByItsSafetensorsName(ElementType type) {
    assertThat(ElementType.ofSafetensorsName(type.safetensorsName())).contains(type);
  }

  @Test
  void doesNotKnowOtherNames() {
    assertThat(ElementType.ofSafetensorsName("F8_E4M3")).isEmpty();
    assertThat(ElementType.ofSafetensorsName("f32")).isEmpty();
    assertThat(ElementType.ofSafetensorsName("")).isEmpty();
  }

  @Test
  void printsTorchsName() {
    assertThat(ElementType.BFLOAT16).hasToString("bfloat16");
    assertThat(ElementType.BOOL).hasToString("bool");
  }

  @Test
  void knowsWhichAreFloatingPoint() {
    assertThat(ElementType.values())
        .filteredOn(ElementType::isFloatingPoint)
        .containsExactlyInAnyOrder(
            ElementType.FLOAT64, ElementType.FLOAT32, ElementType.FLOAT16, ElementType.BFLOAT16);
  }
}
