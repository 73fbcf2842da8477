package io.github.vit4j.weights;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ViTConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The parameters of a ViT under the names that checkpoints on the hub use, without the {@code vit.}
 * prefix: the canonical names of this library. {@code CheckpointNames} translates the other
 * spellings to them.
 */
public final class ParameterNames {
  /** The token in front of the patches: [1, 1, hidden size]. */
  public static final String CLS_TOKEN = "embeddings.cls_token";

  /** What stands in the place of masked patches: [1, 1, hidden size]. */
  public static final String MASK_TOKEN = "embeddings.mask_token";

  /** What is added to each token by its position: [1, 1 + patches, hidden size]. */
  public static final String POSITION_EMBEDDINGS = "embeddings.position_embeddings";

  /** The convolution that makes tokens of patches: [hidden size, channels, height, width]. */
  public static final String PATCH_WEIGHT = "embeddings.patch_embeddings.projection.weight";

  /** The bias of that convolution: [hidden size]. */
  public static final String PATCH_BIAS = "embeddings.patch_embeddings.projection.bias";

  /** The scale of the final layer normalisation: [hidden size]. */
  public static final String LAYERNORM_WEIGHT = "layernorm.weight";

  /** The shift of the final layer normalisation: [hidden size]. */
  public static final String LAYERNORM_BIAS = "layernorm.bias";

  /** The pooler's linear map: [pooler output size, hidden size]. */
  public static final String POOLER_WEIGHT = "pooler.dense.weight";

  /** The pooler's bias: [pooler output size]. */
  public static final String POOLER_BIAS = "pooler.dense.bias";

  /** The classifier's linear map: [labels, hidden size]. */
  public static final String CLASSIFIER_WEIGHT = "classifier.weight";

  /** The classifier's bias: [labels]. */
  public static final String CLASSIFIER_BIAS = "classifier.bias";

  /**
   * The masked-modelling decoder's 1x1 convolution: [channels * encoder stride^2, hidden size, 1,
   * 1].
   */
  public static final String DECODER_WEIGHT = "decoder.0.weight";

  /** The masked-modelling decoder's bias: [channels * encoder stride^2]. */
  public static final String DECODER_BIAS = "decoder.0.bias";

  private ParameterNames() {}

  /** The parts of an encoder layer; each has a {@code weight} and a {@code bias}. */
  public enum LayerPart {
    /** The layer normalisation before the attention. */
    LAYERNORM_BEFORE("layernorm_before"),
    /** What makes queries of tokens; its bias is there only with {@code qkv_bias}. */
    QUERY("attention.attention.query"),
    /** What makes keys of tokens; its bias is there only with {@code qkv_bias}. */
    KEY("attention.attention.key"),
    /** What makes values of tokens; its bias is there only with {@code qkv_bias}. */
    VALUE("attention.attention.value"),
    /** The linear map after the attention heads. */
    ATTENTION_OUTPUT("attention.output.dense"),
    /** The layer normalisation before the MLP. */
    LAYERNORM_AFTER("layernorm_after"),
    /** The first linear map of the MLP, before the activation. */
    INTERMEDIATE("intermediate.dense"),
    /** The second linear map of the MLP. */
    OUTPUT("output.dense");

    private final String path;

    LayerPart(String path) {
      this.path = path;
    }

    /**
     * {@return the name of this part's weight in a layer}
     *
     * @param layer counted from 0
     */
    public String weight(int layer) {
      return "encoder.layer." + layer + "." + path + ".weight";
    }

    /**
     * {@return the name of this part's bias in a layer}
     *
     * @param layer counted from 0
     */
    public String bias(int layer) {
      return "encoder.layer." + layer + "." + path + ".bias";
    }
  }

  /**
   * {@return the parameters that a model must have, with their shapes, in HuggingFace's order}
   * Linear weights are [out, in], the patch projection is [hidden, channels, height, width]. Not
   * among them are the pooler and (but for masked image modelling) the mask token, see {@link
   * #pooler} and {@link #maskToken}.
   *
   * @param config tells sizes, layers and labels
   * @param architecture which head
   */
  public static Map<String, long[]> required(ViTConfig config, Architecture architecture) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    long hidden = config.hiddenSize();
    long intermediate = config.intermediateSize();
    shapes.put(CLS_TOKEN, new long[] {1, 1, hidden});
    if (architecture == Architecture.VIT_FOR_MASKED_IMAGE_MODELING) {
      shapes.putAll(maskToken(config));
    }
    shapes.put(POSITION_EMBEDDINGS, new long[] {1, config.numPatches() + 1L, hidden});
    shapes.put(
        PATCH_WEIGHT,
        new long[] {
          hidden, config.numChannels(), config.patchSize().height(), config.patchSize().width()
        });
    shapes.put(PATCH_BIAS, new long[] {hidden});
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      for (LayerPart part : LayerPart.values()) {
        switch (part) {
          case LAYERNORM_BEFORE, LAYERNORM_AFTER ->
              shapes.put(part.weight(layer), new long[] {hidden});
          case QUERY, KEY, VALUE, ATTENTION_OUTPUT ->
              shapes.put(part.weight(layer), new long[] {hidden, hidden});
          case INTERMEDIATE -> shapes.put(part.weight(layer), new long[] {intermediate, hidden});
          case OUTPUT -> shapes.put(part.weight(layer), new long[] {hidden, intermediate});
        }
        boolean hasBias =
            switch (part) {
              case QUERY, KEY, VALUE -> config.qkvBias();
              default -> true;
            };
        if (hasBias) {
          shapes.put(
              part.bias(layer),
              new long[] {part == LayerPart.INTERMEDIATE ? intermediate : hidden});
        }
      }
    }
    shapes.put(LAYERNORM_WEIGHT, new long[] {hidden});
    shapes.put(LAYERNORM_BIAS, new long[] {hidden});
    switch (architecture) {
      case VIT_MODEL -> {}
      case VIT_FOR_IMAGE_CLASSIFICATION -> {
        if (config.numLabels() > 0) {
          shapes.put(CLASSIFIER_WEIGHT, new long[] {config.numLabels(), hidden});
          shapes.put(CLASSIFIER_BIAS, new long[] {config.numLabels()});
        }
      }
      case VIT_FOR_MASKED_IMAGE_MODELING -> {
        long pixels = (long) config.encoderStride() * config.encoderStride() * config.numChannels();
        shapes.put(DECODER_WEIGHT, new long[] {pixels, hidden, 1, 1});
        shapes.put(DECODER_BIAS, new long[] {pixels});
      }
    }
    return shapes;
  }

  /**
   * {@return the parameters of the pooler, with their shapes}
   *
   * @param config tells the hidden size and the pooler's output size
   */
  public static Map<String, long[]> pooler(ViTConfig config) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    shapes.put(POOLER_WEIGHT, new long[] {config.poolerOutputSize(), config.hiddenSize()});
    shapes.put(POOLER_BIAS, new long[] {config.poolerOutputSize()});
    return shapes;
  }

  /**
   * {@return the mask token, with its shape}
   *
   * @param config tells the hidden size
   */
  public static Map<String, long[]> maskToken(ViTConfig config) {
    return Map.of(MASK_TOKEN, new long[] {1, 1, config.hiddenSize()});
  }
}
