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
  /** Nothing but the head's output, for images of the configured size. */
  public static ForwardOptions defaults() {
    return new ForwardOptions(false, false, false);
  }

  /** With the hidden states of all layers, or without. */
  public ForwardOptions withHiddenStates(boolean value) {
    return new ForwardOptions(value, outputAttentions, interpolatePosEncoding);
  }

  /** With the attention weights of all layers, or without. */
  public ForwardOptions withAttentions(boolean value) {
    return new ForwardOptions(outputHiddenStates, value, interpolatePosEncoding);
  }

  /** Accepting images of any size, or not. */
  public ForwardOptions withInterpolatePosEncoding(boolean value) {
    return new ForwardOptions(outputHiddenStates, outputAttentions, value);
  }
}
