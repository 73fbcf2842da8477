package io.github.vit4j;

import io.github.vit4j.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@link ViTForImageClassification} hands out, as HuggingFace's class of that name; n images,
 * t = 1 + patches tokens, d = hidden size.
 *
 * @param loss mean loss over the batch; null unless labels were given
 * @param logits float32 [n, labels], before any softmax; [n, d] when the model has no labels
 * @param hiddenStates if asked for: layers + 1 tensors, each float32 [n, t, d], before the final
 *     layer normalisation
 * @param attentions if asked for: one tensor per layer, each float32 [n, heads, t, t]
 */
public record ImageClassifierOutput(
    @Nullable Float loss, Tensor logits, List<Tensor> hiddenStates, List<Tensor> attentions) {
  /** Copies the lists. */
  public ImageClassifierOutput {
    hiddenStates = List.copyOf(hiddenStates);
    attentions = List.copyOf(attentions);
  }
}
