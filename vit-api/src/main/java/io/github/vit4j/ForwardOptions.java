package io.github.vit4j;

/**
 * What a forward pass hands out besides the head's output, by HuggingFace's argument names.
 *
 * @param outputHiddenStates whether to hand out the hidden states of all layers
 * @param outputAttentions whether to hand out the attention weights of all layers
 * @param interpolatePosEncoding whether images of another size than the configured one are
 *     accepted, with position embeddings interpolated to them
 */
public record ForwardOptions(
    boolean outputHiddenStates, boolean outputAttentions, boolean interpolatePosEncoding) {
  /** {@return options for nothing but the head's output, for images of the configured size} */
  public static ForwardOptions defaults() {
    return new ForwardOptions(false, false, false);
  }

  /**
   * {@return these options with the hidden states of all layers, or without}
   *
   * @param value whether to hand them out
   */
  public ForwardOptions withHiddenStates(boolean value) {
    return new ForwardOptions(value, outputAttentions, interpolatePosEncoding);
  }

  /**
   * {@return these options with the attention weights of all layers, or without}
   *
   * @param value whether to hand them out
   */
  public ForwardOptions withAttentions(boolean value) {
    return new ForwardOptions(outputHiddenStates, value, interpolatePosEncoding);
  }

  /**
   * {@return these options accepting images of any size, or not}
   *
   * @param value whether position embeddings are interpolated to images of another size
   */
  public ForwardOptions withInterpolatePosEncoding(boolean value) {
    return new ForwardOptions(outputHiddenStates, outputAttentions, value);
  }
}
