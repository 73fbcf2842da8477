package io.github.vit4j;

import io.github.vit4j.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@link ViTForMaskedImageModeling} hands out, as HuggingFace's class of that name; n images,
 * t = 1 + patches tokens, d = hidden size.
 *
 * @param loss mean absolute error over the masked pixels; null unless a mask was given
 * @param reconstruction float32 [n, channels, rows * encoder stride, columns * encoder stride], in
 *     the units of the pixel values
 * @param hiddenStates if asked for: layers + 1 tensors, each float32 [n, t, d], before the final
 *     layer normalisation
 * @param attentions if asked for: one tensor per layer, each float32 [n, heads, t, t]
 */
public record MaskedImageModelingOutput(
    @Nullable Float loss,
    Tensor reconstruction,
    List<Tensor> hiddenStates,
    List<Tensor> attentions) {
  /** Copies the lists. */
  public MaskedImageModelingOutput {
    hiddenStates = List.copyOf(hiddenStates);
    attentions = List.copyOf(attentions);
  }
}
