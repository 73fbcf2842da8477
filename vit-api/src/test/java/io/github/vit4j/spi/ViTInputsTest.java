package io.github.vit4j.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.tensor.Tensor;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ViTInputsTest {
  private static final Tensor PIXELS = Tensor.of(new float[3 * 8 * 8], 1, 3, 8, 8);

  @Test
  void outputsCannotBeChanged() {
    EnumSet<Output> asked = EnumSet.of(Output.LOGITS);
    ViTInputs inputs = new ViTInputs(PIXELS, null, false, asked);

    asked.add(Output.ATTENTIONS);
    assertThat(inputs.outputs()).containsExactly(Output.LOGITS);
    assertThatThrownBy(() -> inputs.outputs().add(Output.ATTENTIONS))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> inputs.outputs().clear())
        .isInstanceOf(UnsupportedOperationException.class);
    assertThat(inputs.outputs()).containsExactly(Output.LOGITS);
  }

  @Test
  void asksForAtLeastOneOutput() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ViTInputs(PIXELS, null, false, Set.of()));
  }
}
