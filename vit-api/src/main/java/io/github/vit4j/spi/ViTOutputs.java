package io.github.vit4j.spi;

import io.github.vit4j.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run computed: exactly the outputs that were asked for, all float32 whatever the precision
 * of the session. What was not asked for is null, or an empty list. Shapes are those of {@link
 * Output}.
 *
 * @param logits see {@link Output#LOGITS}
 * @param lastHiddenState see {@link Output#LAST_HIDDEN_STATE}
 * @param poolerOutput see {@link Output#POOLER_OUTPUT}
 * @param reconstruction see {@link Output#RECONSTRUCTION}
 * @param hiddenStates see {@link Output#HIDDEN_STATES}
 * @param attentions see {@link Output#ATTENTIONS}
 */
public record ViTOutputs(
    @Nullable Tensor logits,
    @Nullable Tensor lastHiddenState,
    @Nullable Tensor poolerOutput,
    @Nullable Tensor reconstruction,
    List<Tensor> hiddenStates,
    List<Tensor> attentions) {
  /** Copies the lists. */
  public ViTOutputs {
    hiddenStates = List.copyOf(hiddenStates);
    attentions = List.copyOf(attentions);
  }
}
