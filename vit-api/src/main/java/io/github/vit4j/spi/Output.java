package io.github.vit4j.spi;

import java.util.Locale;

/** The tensors that a model can hand out; n images, t = 1 + patches tokens, d = hidden size. */
public enum Output {
  /** float32 [n, labels]; [n, d] when the model has no labels. Image classification only. */
  LOGITS,
  /** float32 [n, t, d], after the final layer normalisation. */
  LAST_HIDDEN_STATE,
  /** float32 [n, pooler output size]. {@code ViTModel} with a pooler only. */
  POOLER_OUTPUT,
  /**
   * float32 [n, channels, side * encoder stride, side * encoder stride], where side is the square
   * root of the number of patches: HuggingFace takes them as a square grid, whatever their rows and
   * columns. Masked image modelling only.
   */
  RECONSTRUCTION,
  /** layers + 1 tensors, each float32 [n, t, d], all before the final layer normalisation. */
  HIDDEN_STATES,
  /** One tensor per layer, each float32 [n, heads, t, t], the weights after the softmax. */
  ATTENTIONS;

  /** {@return HuggingFace's name, for example {@code last_hidden_state}} */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
