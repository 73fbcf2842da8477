package io.github.vit4j.backend.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.error.BackendException;
import org.junit.jupiter.api.Test;

class ArithmeticsTest {
  @Test
  void withoutTheModuleItIsPlain() {
    assertThat(Arithmetics.choose("", false)).isInstanceOf(PlainArithmetic.class);
    assertThat(Arithmetics.choose("plain", false)).isInstanceOf(PlainArithmetic.class);
  }

  @Test
  void whatIsInsistedOnAndNotThereIsAnError() {
    assertThatThrownBy(() -> Arithmetics.choose("vector", false))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("--add-modules jdk.incubator.vector");
    assertThatThrownBy(() -> Arithmetics.choose("fast", true))
        .isInstanceOf(BackendException.class)
        .hasMessageContainingAll("fast", "vector", "plain");
  }

  @Test
  void theChoiceIsThatOfTheModulesOfThisJvm() {
    assertThat(Arithmetics.chosen().description())
        .startsWith(Arithmetics.hasVectorApi() ? "Vector API with " : "plain Java");
  }
}
