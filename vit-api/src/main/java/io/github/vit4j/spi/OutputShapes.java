package io.github.vit4j.spi;

import io.github.vit4j.config.ViTConfig;

/** How many tensors an output is made of and of which shape, the same for every engine. */
public final class OutputShapes {
  private OutputShapes() {}

  /**
   * {@return the shape of an output, of each of its tensors where it has several}
   *
   * @param model the model that is run
   * @param inputs such as {@link ViTInputs#checkAgainst} accepts
   * @param output which one
   */
  public static long[] of(ModelDefinition model, ViTInputs inputs, Output output) {
    ViTConfig config = model.config();
    int patches = Math.multiplyExact(inputs.patchRows(config), inputs.patchColumns(config));
    return of(config, inputs.batchSize(), patches, output);
  }

  /**
   * {@return the shape of an output, of each of its tensors where it has several}
   *
   * @param config the sizes of the model
   * @param images the first dimension
   * @param patches of each image
   * @param output which one
   */
  public static long[] of(ViTConfig config, long images, int patches, Output output) {
    long tokens = patches + 1L;
    long hidden = config.hiddenSize();
    return switch (output) {
      case LOGITS ->
          new long[] {images, config.numLabels() == 0 ? hidden : (long) config.numLabels()};
      case LAST_HIDDEN_STATE, HIDDEN_STATES -> new long[] {images, tokens, hidden};
      case POOLER_OUTPUT -> new long[] {images, config.poolerOutputSize()};
      case RECONSTRUCTION -> {
        long grid = (long) Math.sqrt(patches);
        long side = grid * config.encoderStride();
        yield new long[] {images, config.numChannels(), side, side};
      }
      case ATTENTIONS -> new long[] {images, config.numAttentionHeads(), tokens, tokens};
    };
  }

  /**
   * {@return how many tensors an output is made of: one, or one per layer, or one more than that; 0
   * for the attentions of a model without layers}
   *
   * @param config tells the number of layers
   * @param output which one
   */
  public static int count(ViTConfig config, Output output) {
    return switch (output) {
      case LOGITS, LAST_HIDDEN_STATE, POOLER_OUTPUT, RECONSTRUCTION -> 1;
      case HIDDEN_STATES -> config.numHiddenLayers() + 1;
      case ATTENTIONS -> config.numHiddenLayers();
    };
  }
}
