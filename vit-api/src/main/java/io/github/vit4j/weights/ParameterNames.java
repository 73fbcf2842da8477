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
  public static final String CLS_TOKEN = "embeddings.cls_token";
  public static final String MASK_TOKEN = "embeddings.mask_token";
  public static final String POSITION_EMBEDDINGS = "embeddings.position_embeddings";
  public static final String PATCH_WEIGHT = "embeddings.patch_embeddings.projection.weight";
  public static final String PATCH_BIAS = "embeddings.patch_embeddings.projection.bias";
  public static final String LAYERNORM_WEIGHT = "layernorm.weight";
  public static final String LAYERNORM_BIAS = "layernorm.bias";
  public static final String POOLER_WEIGHT = "pooler.dense.weight";
  public static final String POOLER_BIAS = "pooler.dense.bias";
  public static final String CLASSIFIER_WEIGHT = "classifier.weight";
  public static final String CLASSIFIER_BIAS = "classifier.bias";
  public static final String DECODER_WEIGHT = "decoder.0.weight";
  public static final String DECODER_BIAS = "decoder.0.bias";

  private ParameterNames() {}

  /** The parts of an encoder layer; each has a {@code weight} and a {@code bias}. */
  public enum LayerPart {
    LAYERNORM_BEFORE("layernorm_before"),
    QUERY("attention.attention.query"),
    KEY("attention.attention.key"),
    VALUE("attention.attention.value"),
    ATTENTION_OUTPUT("attention.output.dense"),
    LAYERNORM_AFTER("layernorm_after"),
    INTERMEDIATE("intermediate.dense"),
    OUTPUT("output.dense");

    private final String path;

    LayerPart(String path) {
      this.path = path;
    }

    /** The name of this part's weight in layer {@code layer}, counted from 0. */
    public String weight(int layer) {
      return "encoder.layer." + layer + "." + path + ".weight";
    }

    /** The name of this part's bias in layer {@code layer}, counted from 0. */
    public String bias(int layer) {
      return "encoder.layer." + layer + "." + path + ".bias";
    }
  }

  /**
   * The parameters that a model must have, with their shapes, in HuggingFace's order. Linear
   * weights are [out, in], the patch projection is [hidden, channels, height, width]. Not among
   * them are the pooler and (but for masked image modelling) the mask token, see {@link #pooler}
   * and {@link #maskToken}.
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

  /** The parameters of the pooler, with their shapes. */
  public static Map<String, long[]> pooler(ViTConfig config) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    shapes.put(POOLER_WEIGHT, new long[] {config.poolerOutputSize(), config.hiddenSize()});
    shapes.put(POOLER_BIAS, new long[] {config.poolerOutputSize()});
    return shapes;
  }

  /** The mask token, with its shape. */
  public static Map<String, long[]> maskToken(ViTConfig config) {
    return Map.of(MASK_TOKEN, new long[] {1, 1, config.hiddenSize()});
  }
}
