package io.github.vit4j;

import io.github.vit4j.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@link ViTModel} hands out, as HuggingFace's class of that name; n images, t = 1 + patches
 * tokens, d = hidden size.
 *
 * @param lastHiddenState float32 [n, t, d], after the final layer normalisation
 * @param poolerOutput float32 [n, pooler output size]; null when the model has no pooler
 * @param hiddenStates if asked for: layers + 1 tensors, each float32 [n, t, d], before the final
 *     layer normalisation
 * @param attentions if asked for: one tensor per layer, each float32 [n, heads, t, t]
 */
public record BaseModelOutputWithPooling(
    Tensor lastHiddenState,
    @Nullable Tensor poolerOutput,
    List<Tensor> hiddenStates,
    List<Tensor> attentions) {
  /** Copies the lists. */
  public BaseModelOutputWithPooling {
    hiddenStates = List.copyOf(hiddenStates);
    attentions = List.copyOf(attentions);
  }
}
