package io.github.vit4j.weights;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.CheckpointException;
import io.github.vit4j.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** Finds a model's parameters in a checkpoint. */
public final class ModelWeights {
  private static final System.Logger LOGGER = System.getLogger(ModelWeights.class.getName());

  private ModelWeights() {}

  /**
   * The parameters of a model: those that every such model has, the pooler if asked for, and the
   * mask token if the checkpoint has one and the architecture is not {@link
   * Architecture#VIT_FOR_IMAGE_CLASSIFICATION}. Other tensors of the checkpoint are left out.
   * Checkpoints of timm are translated.
   *
   * @param given with names of any of these spellings
   * @param config tells the shapes
   * @param architecture which head
   * @param addPoolingLayer for {@link Architecture#VIT_MODEL}: whether the model has a pooler; if
   *     empty, it has one when the checkpoint does
   * @param initializeMissingSeed if present, parameters that the checkpoint lacks are drawn at
   *     random as {@link RandomWeights} does, with a warning in the log
   * @return the parameters by the names of {@link ParameterNames}, in HuggingFace's order; cannot
   *     be changed
   * @throws CheckpointException if parameters are missing, stored twice under different names, of
   *     another shape than the configuration says or not floating-point numbers, or if the
   *     checkpoint is a distilled DeiT or a variant of timm
   */
  public static Map<String, Weight> resolve(
      Checkpoint given,
      ViTConfig config,
      Architecture architecture,
      Optional<Boolean> addPoolingLayer,
      OptionalLong initializeMissingSeed) {
    requireNotDistilled(given, config);
    Checkpoint checkpoint = TimmCheckpoint.translate(given);
    Map<String, String> storedNames = storedNames(checkpoint);
    Map<String, long[]> shapes = shapes(config, architecture, addPoolingLayer, storedNames);
    Map<String, Weight> weights = new LinkedHashMap<>();
    List<String> missing = new ArrayList<>();
    shapes.forEach(
        (name, shape) -> {
          String stored = storedNames.get(name);
          Weight weight = stored == null ? null : checkpoint.get(stored);
          if (weight != null) {
            check(checkpoint, config, name, shape, weight);
            weights.put(name, weight);
          } else if (initializeMissingSeed.isPresent()) {
            missing.add(name);
            long seed = initializeMissingSeed.getAsLong();
            weights.put(name, RandomWeights.create(config, name, shape, seed));
          } else {
            missing.add(name);
          }
        });
    if (!missing.isEmpty()) {
      report(checkpoint, architecture, missing, initializeMissingSeed.isPresent());
    }
    warnOfUnused(checkpoint, storedNames, shapes);
    return Collections.unmodifiableMap(weights);
  }

  private static void requireNotDistilled(Checkpoint checkpoint, ViTConfig config) {
    for (String name : checkpoint.names()) {
      if (name.endsWith("embeddings.distillation_token")) {
        JsonNode architecture =
            config
                .additionalFields()
                .getOrDefault("architectures", MissingNode.getInstance())
                .path(0);
        throw new CheckpointException(
            "%s is a distilled DeiT (a %s with %s), which is another model than ViT; use a checkpoint without distillation, for example facebook/deit-base-patch16-224"
                .formatted(
                    checkpoint,
                    architecture.isString()
                        ? Messages.quote(architecture.stringValue())
                        : "DeiTModel",
                    Messages.quote(name)));
      }
    }
  }

  private static Map<String, String> storedNames(Checkpoint checkpoint) {
    Map<String, String> storedNames = new LinkedHashMap<>();
    for (String name : checkpoint.names()) {
      String other = storedNames.putIfAbsent(CheckpointNames.canonical(name), name);
      if (other != null) {
        throw new CheckpointException(
            "%s holds %s and %s, which are the same parameter; remove one of them"
                .formatted(checkpoint, Messages.quote(other), Messages.quote(name)));
      }
    }
    return storedNames;
  }

  private static Map<String, long[]> shapes(
      ViTConfig config,
      Architecture architecture,
      Optional<Boolean> addPoolingLayer,
      Map<String, String> storedNames) {
    Map<String, long[]> shapes = ParameterNames.required(config, architecture);
    if (architecture == Architecture.VIT_MODEL) {
      boolean stored =
          storedNames.containsKey(ParameterNames.POOLER_WEIGHT)
              || storedNames.containsKey(ParameterNames.POOLER_BIAS);
      if (addPoolingLayer.orElse(stored)) {
        shapes.putAll(ParameterNames.pooler(config));
      }
      if (storedNames.containsKey(ParameterNames.MASK_TOKEN)) {
        shapes.putAll(ParameterNames.maskToken(config));
      }
    }
    return shapes;
  }

  private static void report(
      Checkpoint checkpoint, Architecture architecture, List<String> missing, boolean initialized) {
    if (initialized) {
      LOGGER.log(
          System.Logger.Level.WARNING,
          "{0}: initialised at random for want of {1}; outputs that depend on them mean nothing"
              + " before training",
          checkpoint,
          String.join(", ", missing));
      return;
    }
    throw new CheckpointException(
        "%s lacks %d parameters of a %s: %s; choose an architecture that it was saved from, or LoadOptions.withInitializeMissing(seed) to initialise them randomly"
            .formatted(checkpoint, missing.size(), architecture, Messages.list(missing)));
  }

  /** Left out biases or layers change every number, so that somebody should hear of it. */
  private static void warnOfUnused(
      Checkpoint checkpoint, Map<String, String> storedNames, Map<String, long[]> shapes) {
    List<String> unused =
        storedNames.keySet().stream()
            .filter(name -> name.startsWith("encoder.layer.") && !shapes.containsKey(name))
            .toList();
    if (!unused.isEmpty()) {
      LOGGER.log(
          System.Logger.Level.WARNING,
          "{0} has parameters that num_hidden_layers and qkv_bias of the configuration leave out:"
              + " {1}",
          checkpoint,
          Messages.list(unused));
    }
  }

  private static void check(
      Checkpoint checkpoint, ViTConfig config, String name, long[] shape, Weight weight) {
    Tensor tensor = weight.tensor();
    if (!tensor.hasShape(shape)) {
      throw new CheckpointException(
          "%s: %s has the shape %s, but %s asks for %s; use the configuration that belongs to the checkpoint"
              .formatted(
                  checkpoint,
                  Messages.quote(weight.name()),
                  Tensor.shapeToString(tensor.shape()),
                  reason(config, name, shape, tensor.shape()),
                  Tensor.shapeToString(shape)));
    }
    if (!tensor.elementType().isFloatingPoint()) {
      throw new CheckpointException(
          "%s: %s has the element type %s, expected a floating-point type; quantized checkpoints are not read"
              .formatted(checkpoint, Messages.quote(weight.name()), tensor.elementType()));
    }
  }

  /** The fields of the configuration that decide the first dimension in which the shapes differ. */
  private static String reason(ViTConfig config, String name, long[] expected, long[] found) {
    int axis = expected.length == found.length ? Arrays.mismatch(expected, found) : 0;
    String hidden = "hidden_size " + config.hiddenSize();
    return switch (name) {
      case ParameterNames.CLS_TOKEN,
          ParameterNames.MASK_TOKEN,
          ParameterNames.PATCH_BIAS,
          ParameterNames.LAYERNORM_WEIGHT,
          ParameterNames.LAYERNORM_BIAS ->
          hidden;
      case ParameterNames.POSITION_EMBEDDINGS ->
          axis == 2
              ? hidden
              : "image_size %s with patch_size %s (%d patches)"
                  .formatted(config.imageSize(), config.patchSize(), config.numPatches());
      case ParameterNames.PATCH_WEIGHT ->
          switch (axis) {
            case 0 -> hidden;
            case 1 -> "num_channels " + config.numChannels();
            default -> "patch_size " + config.patchSize();
          };
      case ParameterNames.POOLER_WEIGHT, ParameterNames.POOLER_BIAS ->
          axis == 0 ? "pooler_output_size " + config.poolerOutputSize() : hidden;
      case ParameterNames.CLASSIFIER_WEIGHT, ParameterNames.CLASSIFIER_BIAS ->
          axis == 0 ? "id2label with %d labels".formatted(config.numLabels()) : hidden;
      case ParameterNames.DECODER_WEIGHT, ParameterNames.DECODER_BIAS ->
          axis == 0
              ? "encoder_stride %d with num_channels %d"
                  .formatted(config.encoderStride(), config.numChannels())
              : hidden;
      default -> {
        boolean expands = name.contains(".intermediate.dense.");
        boolean contracts = name.contains(".output.dense.") && !name.contains(".attention.");
        boolean ofIntermediate = (expands && axis == 0) || (contracts && axis == 1);
        yield ofIntermediate ? "intermediate_size " + config.intermediateSize() : hidden;
      }
    };
  }
}
