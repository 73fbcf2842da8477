package io.github.vit4j.conformance.faults;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ImageSize;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.conformance.Requirement;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.ModelSource;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.ParameterNames;
import io.github.vit4j.weights.ParameterNames.LayerPart;
import io.github.vit4j.weights.Weight;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/** Backends that compute another model than they were given. */
final class WrongModels {
  private WrongModels() {}

  static List<Fault> all() {
    return List.of(
        fault("gelu with tanh", Requirement.GELU, hiddenAct("gelu", "gelu_pytorch_tanh")),
        fault(
            "gelu_new as quick_gelu", Requirement.ACTIVATIONS, hiddenAct("gelu_new", "quick_gelu")),
        fault("relu for silu", Requirement.ACTIVATIONS, hiddenAct("silu", "relu")),
        fault("mish as silu", Requirement.OTHER_ACTIVATIONS, hiddenAct("mish", "silu")),
        fault(
            "layer_norm_eps ignored",
            Requirement.LAYER_NORM_EPS,
            config(builder -> builder.layerNormEps(1e-12))),
        fault(
            "pooler_act ignored",
            Requirement.POOLER_OUTPUT,
            config(builder -> builder.poolerAct("linear"))),
        fault("query and key swapped", Requirement.ATTENTIONS, WrongModels::queryAndKeySwapped),
        fault(
            "attention scaled by the hidden size",
            Requirement.ATTENTION_HEADS,
            weights((model, name) -> scaledByHiddenSize(model, name))),
        fault(
            "query, key and value biases where there are none",
            Requirement.QKV_BIAS,
            WrongModels::inventedBiases),
        fault(
            "the first layer's weights in every layer",
            Requirement.LAYERS,
            weights((model, name) -> weight(model, name.replaceAll("layer\\.[0-9]+", "layer.0")))),
        fault(
            "patches read column by column",
            Requirement.PATCH_SIZES,
            weights(
                (model, name) ->
                    name.equals(ParameterNames.PATCH_WEIGHT)
                        ? columnByColumn(weight(model, name), model.config().patchSize())
                        : weight(model, name))),
        fault(
            "patches numbered column by column",
            Requirement.IMAGE_SIZES,
            weights(
                (model, name) ->
                    name.equals(ParameterNames.POSITION_EMBEDDINGS)
                        ? numberedByColumn(model)
                        : weight(model, name))),
        fault(
            "pixel shuffle with channels last",
            Requirement.RECONSTRUCTION,
            weights(
                (model, name) ->
                    name.startsWith("decoder.0.")
                        ? channelsLast(model.config(), weight(model, name))
                        : weight(model, name))),
        fault(
            "float16 weights read as bfloat16",
            Requirement.FLOAT16_WEIGHTS,
            readAs(ElementType.FLOAT16, ElementType.BFLOAT16)),
        fault(
            "bfloat16 weights read as float16",
            Requirement.BFLOAT16_WEIGHTS,
            readAs(ElementType.BFLOAT16, ElementType.FLOAT16)),
        fault(
            "float64 weights rounded to float16",
            Requirement.FLOAT64_WEIGHTS,
            weights(
                (model, name) -> {
                  Tensor tensor = weight(model, name);
                  return tensor.elementType() == ElementType.FLOAT64
                      ? tensor.to(ElementType.FLOAT16)
                      : tensor;
                })),
        fault(
            "weights looked up by the names in the file",
            Requirement.PARAMETER_NAMES,
            WrongModels::lookedUpByStoredName),
        fault(
            "weights read from files only",
            Requirement.WEIGHTS_IN_MEMORY,
            WrongModels::readFromFiles),
        fault("weights folded in place", Requirement.WEIGHTS_UNCHANGED, WrongModels::foldedInPlace),
        fault(
            "the first model's weights in later sessions",
            Requirement.SEVERAL_SESSIONS,
            weightsOfTheFirstModel()));
  }

  private static Fault fault(
      String name, Requirement caughtBy, UnaryOperator<ModelDefinition> alteration) {
    return new Fault(name, caughtBy, AlteredBackend.ofModel(alteration));
  }

  static UnaryOperator<ModelDefinition> config(UnaryOperator<ViTConfig.Builder> edit) {
    return model ->
        new ModelDefinition(
            edit.apply(model.config().toBuilder()).build(), model.architecture(), model.source());
  }

  private static UnaryOperator<ModelDefinition> hiddenAct(String given, String computed) {
    return model ->
        model.config().hiddenAct().equals(given)
            ? config(builder -> builder.hiddenAct(computed)).apply(model)
            : model;
  }

  /** The tensor in the place of each weight, by the weight's canonical name. */
  static UnaryOperator<ModelDefinition> weights(BiFunction<ModelDefinition, String, Tensor> edit) {
    return model -> {
      Map<String, Weight> edited = new LinkedHashMap<>();
      all(model).keySet().forEach(n -> edited.put(n, Weight.of(n, edit.apply(model, n))));
      return withWeights(model, edited);
    };
  }

  private static ModelDefinition withWeights(ModelDefinition model, Map<String, Weight> weights) {
    return new ModelDefinition(
        model.config(), model.architecture(), new ModelSource.Weights(weights));
  }

  private static Map<String, Weight> all(ModelDefinition model) {
    return ((ModelSource.Weights) model.source()).byName();
  }

  private static Tensor weight(ModelDefinition model, String name) {
    return Objects.requireNonNull(model.weight(name), name).tensor();
  }

  private static ModelDefinition queryAndKeySwapped(ModelDefinition model) {
    return weights(
            (m, name) ->
                weight(
                    m,
                    name.contains(".query.")
                        ? name.replace(".query.", ".key.")
                        : name.replace(".key.", ".query.")))
        .apply(model);
  }

  private static Tensor scaledByHiddenSize(ModelDefinition model, String name) {
    Tensor tensor = weight(model, name);
    ViTConfig config = model.config();
    double scale = Math.sqrt((double) config.headSize() / config.hiddenSize());
    return name.contains(".query.") ? Edits.mapped(tensor, x -> x * scale) : tensor;
  }

  private static ModelDefinition inventedBiases(ModelDefinition model) {
    if (model.config().qkvBias()) {
      return model;
    }
    Map<String, Weight> edited = new LinkedHashMap<>(all(model));
    Tensor bias =
        Edits.mapped(
            Tensor.allocate(ElementType.FLOAT32, model.config().hiddenSize()), zero -> 0.1);
    for (int layer = 0; layer < model.config().numHiddenLayers(); layer++) {
      for (LayerPart part : List.of(LayerPart.QUERY, LayerPart.KEY, LayerPart.VALUE)) {
        edited.put(part.bias(layer), Weight.of(part.bias(layer), bias));
      }
    }
    return withWeights(config(builder -> builder.qkvBias(true)).apply(model), edited);
  }

  private static Tensor columnByColumn(Tensor kernel, ImageSize patch) {
    int area = patch.height() * patch.width();
    return Edits.rearranged(
        kernel,
        i -> {
          long pixel = i % area;
          return i - pixel + pixel % patch.height() * patch.width() + pixel / patch.height();
        });
  }

  private static Tensor numberedByColumn(ModelDefinition model) {
    Tensor positions = weight(model, ParameterNames.POSITION_EMBEDDINGS);
    ViTConfig config = model.config();
    int hidden = config.hiddenSize();
    return Edits.rearranged(
        positions,
        i -> {
          long patch = i / hidden - 1;
          long moved = patch % config.patchColumns() * config.patchRows();
          moved += patch / config.patchColumns();
          return patch < 0 ? i : (1 + moved) * hidden + i % hidden;
        });
  }

  private static Tensor channelsLast(ViTConfig config, Tensor decoder) {
    long area = (long) config.encoderStride() * config.encoderStride();
    long channels = config.numChannels();
    long row = decoder.elementCount() / decoder.dimension(0);
    return Edits.rearranged(
        decoder,
        i -> {
          long pixel = i / row;
          return (pixel % area * channels + pixel / area) * row + i % row;
        });
  }

  private static UnaryOperator<ModelDefinition> readAs(ElementType stored, ElementType read) {
    return weights(
        (model, name) -> {
          Tensor tensor = weight(model, name);
          return tensor.elementType() == stored
              ? Tensor.of(tensor.data(), read, tensor.shape())
              : tensor;
        });
  }

  private static ModelDefinition lookedUpByStoredName(ModelDefinition model) {
    Map<String, Weight> byStoredName = new HashMap<>();
    all(model).values().forEach(weight -> byStoredName.put(weight.name(), weight));
    for (String name : ParameterNames.required(model.config(), model.architecture()).keySet()) {
      if (!byStoredName.containsKey(name)) {
        throw new BackendException("the checkpoint lacks %s".formatted(name));
      }
    }
    return model;
  }

  private static ModelDefinition readFromFiles(ModelDefinition model) {
    for (Weight weight : all(model).values()) {
      if (weight.region() == null) {
        throw new BackendException("%s lies in no file".formatted(weight.name()));
      }
    }
    return model;
  }

  private static ModelDefinition foldedInPlace(ModelDefinition model) {
    for (Weight weight : all(model).values()) {
      MemorySegment data = weight.tensor().data();
      if (weight.name().contains("query.") && !data.isReadOnly()) {
        weight.tensor().setFloat(0, weight.tensor().getFloat(0) * 0.5f);
      }
    }
    return model;
  }

  private static UnaryOperator<ModelDefinition> weightsOfTheFirstModel() {
    Map<Architecture, Map<String, Weight>> first = new HashMap<>();
    return model -> {
      synchronized (first) {
        Map<String, Weight> known =
            first.computeIfAbsent(model.architecture(), architecture -> all(model));
        return weights(
                (m, name) -> {
                  Tensor own = weight(m, name);
                  Weight cached = known.get(name);
                  return cached != null && cached.tensor().hasShape(own.shape())
                      ? cached.tensor()
                      : own;
                })
            .apply(model);
      }
    };
  }
}
