package io.github.vit4j.config;

import io.github.vit4j.error.ConfigException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@link ViTConfig} from and to HuggingFace's JSON. What is left out when it has its default
 * follows {@code PreTrainedConfig.to_diff_dict} of transformers 5.
 */
final class ViTConfigJson {
  private static final Set<String> MODEL_TYPES = Set.of("vit", "deit");

  /** Bounds {@code num_labels}, so that a hostile file cannot ask for billions of label names. */
  private static final int MAX_LABELS = 10_000_000;

  /** Fields of {@code PreTrainedConfig} that are not written while they hold these values. */
  private static final Map<String, String> BASE_DEFAULTS =
      Map.of(
          "architectures", "null",
          "output_hidden_states", "false",
          "output_attentions", "false",
          "return_dict", "true",
          "chunk_size_feed_forward", "0",
          "is_encoder_decoder", "false");

  /** Names that HuggingFace keeps to itself or writes anew. */
  private static final Set<String> NOT_KEPT =
      Set.of(
          "_name_or_path",
          "name_or_path",
          "_commit_hash",
          "attn_implementation",
          "transformers_version");

  private ViTConfigJson() {}

  static ViTConfig read(ObjectNode json) {
    return TimmConfig.isTimm(json) ? readViT(TimmConfig.toViT(json)) : readViT(json);
  }

  private static ViTConfig readViT(ObjectNode json) {
    Map<String, JsonNode> rest = new LinkedHashMap<>();
    json.properties().forEach(e -> rest.put(e.getKey(), e.getValue()));
    rest.keySet().removeAll(NOT_KEPT);
    checkModelType(rest.remove("model_type"));

    ViTConfig.Builder builder = ViTConfig.builder();
    integer(rest, "hidden_size", builder::hiddenSize);
    integer(rest, "num_hidden_layers", builder::numHiddenLayers);
    integer(rest, "num_attention_heads", builder::numAttentionHeads);
    integer(rest, "intermediate_size", builder::intermediateSize);
    string(rest, "hidden_act", builder::hiddenAct);
    number(rest, "hidden_dropout_prob", builder::hiddenDropoutProb);
    number(rest, "attention_probs_dropout_prob", builder::attentionProbsDropoutProb);
    number(rest, "initializer_range", builder::initializerRange);
    number(rest, "layer_norm_eps", builder::layerNormEps);
    size(rest, "image_size", builder::imageSize);
    size(rest, "patch_size", builder::patchSize);
    integer(rest, "num_channels", builder::numChannels);
    take(
        rest,
        "qkv_bias",
        JsonNode::isBoolean,
        "true or false",
        n -> builder.qkvBias(n.booleanValue()));
    integer(rest, "encoder_stride", builder::encoderStride);
    integer(rest, "pooler_output_size", builder::poolerOutputSize);
    string(rest, "pooler_act", builder::poolerAct);
    string(rest, "problem_type", name -> builder.problemType(problemType(name)));
    string(rest, "torch_dtype", builder::dtype);
    string(rest, "dtype", builder::dtype);
    labels(rest, builder);
    rest.forEach(builder::additionalField);
    return builder.build();
  }

  private static void checkModelType(@Nullable JsonNode type) {
    if (type != null && !(type.isString() && MODEL_TYPES.contains(type.stringValue()))) {
      throw new ConfigException(
          "model_type is %s, expected \"vit\": this is not a Vision Transformer that ViT4J runs"
              .formatted(type));
    }
  }

  private static ProblemType problemType(String name) {
    for (ProblemType type : ProblemType.values()) {
      if (type.toString().equals(name)) {
        return type;
      }
    }
    throw new ConfigException(
        "problem_type is \"%s\", expected one of %s"
            .formatted(
                name,
                Arrays.stream(ProblemType.values())
                    .map(ProblemType::toString)
                    .collect(Collectors.joining(", "))));
  }

  private static void labels(Map<String, JsonNode> rest, ViTConfig.Builder builder) {
    integer(
        rest,
        "num_labels",
        count -> {
          if (count > MAX_LABELS) {
            throw new ConfigException(
                "num_labels is %d, more than %d".formatted(count, MAX_LABELS));
          }
          builder.numLabels(count);
        });
    SortedMap<Integer, String> id2label = new TreeMap<>();
    take(
        rest,
        "id2label",
        JsonNode::isObject,
        "an object of names by index",
        node -> {
          for (Map.Entry<String, JsonNode> entry : node.properties()) {
            id2label.put(labelIndex(entry.getKey()), labelName(entry.getValue()));
          }
          if (!id2label.isEmpty() && id2label.lastKey() != id2label.size() - 1) {
            throw new ConfigException(
                "id2label has %d names, but its last index is %d"
                    .formatted(id2label.size(), id2label.lastKey()));
          }
          Map<String, Integer> label2id = new LinkedHashMap<>();
          id2label.forEach((id, label) -> label2id.put(label, id));
          builder.id2label(id2label).label2id(label2id);
        });
    take(
        rest,
        "label2id",
        JsonNode::isObject,
        "an object of indices by name",
        node -> {
          Map<String, Integer> label2id = new LinkedHashMap<>();
          for (Map.Entry<String, JsonNode> entry : node.properties()) {
            JsonNode id = entry.getValue();
            label2id.put(
                entry.getKey(),
                id.isString() ? labelIndex(id.stringValue()) : integerOf("label2id", id));
          }
          builder.label2id(label2id);
        });
  }

  private static int labelIndex(String text) {
    try {
      int index = Integer.parseInt(text);
      if (index >= 0) {
        return index;
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    throw new ConfigException("\"%s\" is not a class index".formatted(text));
  }

  private static String labelName(JsonNode node) {
    return node.isString() ? node.stringValue() : node.toString();
  }

  private interface Test {
    boolean accepts(JsonNode node);
  }

  /** Hands the field to {@code action} when it is there and not null; removes it either way. */
  private static void take(
      Map<String, JsonNode> rest,
      String field,
      Test test,
      String expected,
      Consumer<JsonNode> action) {
    JsonNode node = rest.remove(field);
    if (node == null || node.isNull()) {
      return;
    }
    if (!test.accepts(node)) {
      throw wrongType(field, expected, node);
    }
    action.accept(node);
  }

  private static ConfigException wrongType(String field, String expected, JsonNode node) {
    String text = node.toString();
    String shown = text.length() > 60 ? text.substring(0, 60) + "..." : text;
    return new ConfigException("%s must be %s, got %s".formatted(field, expected, shown));
  }

  private static int integerOf(String field, JsonNode node) {
    if (!node.isIntegralNumber() || !node.canConvertToInt()) {
      throw wrongType(field, "an integer", node);
    }
    return node.intValue();
  }

  private static void integer(Map<String, JsonNode> rest, String field, Consumer<Integer> setter) {
    take(rest, field, JsonNode::isNumber, "an integer", n -> setter.accept(integerOf(field, n)));
  }

  private static void number(Map<String, JsonNode> rest, String field, Consumer<Double> setter) {
    take(rest, field, JsonNode::isNumber, "a number", n -> setter.accept(n.doubleValue()));
  }

  private static void string(Map<String, JsonNode> rest, String field, Consumer<String> setter) {
    take(rest, field, JsonNode::isString, "a string", n -> setter.accept(n.stringValue()));
  }

  private static void size(Map<String, JsonNode> rest, String field, Consumer<ImageSize> setter) {
    take(
        rest,
        field,
        n -> n.isNumber() || (n.isArray() && n.size() == 2),
        "an integer or [height, width]",
        n -> {
          int height = integerOf(field, n.isArray() ? n.get(0) : n);
          int width = integerOf(field, n.isArray() ? n.get(1) : n);
          if (height < 1 || width < 1) {
            throw wrongType(field, "at least 1", n);
          }
          setter.accept(new ImageSize(height, width));
        });
  }

  static ObjectNode write(ViTConfig config) {
    ObjectNode json = Json.object();
    config
        .additionalFields()
        .forEach(
            (name, value) -> {
              if (!value.toString().equals(BASE_DEFAULTS.get(name))) {
                json.set(name, sorted(value));
              }
            });
    json.put("model_type", "vit");
    json.put("transformers_version", ViTConfig.TRANSFORMERS_VERSION);
    json.put("hidden_size", config.hiddenSize());
    json.put("num_hidden_layers", config.numHiddenLayers());
    json.put("num_attention_heads", config.numAttentionHeads());
    json.put("intermediate_size", config.intermediateSize());
    json.put("hidden_act", config.hiddenAct());
    json.put("hidden_dropout_prob", config.hiddenDropoutProb());
    json.put("attention_probs_dropout_prob", config.attentionProbsDropoutProb());
    json.put("initializer_range", config.initializerRange());
    json.put("layer_norm_eps", config.layerNormEps());
    writeSize(json, "image_size", config.imageSize());
    writeSize(json, "patch_size", config.patchSize());
    json.put("num_channels", config.numChannels());
    json.put("qkv_bias", config.qkvBias());
    json.put("encoder_stride", config.encoderStride());
    json.put("pooler_output_size", config.poolerOutputSize());
    json.put("pooler_act", config.poolerAct());
    if (config.problemType() != null) {
      json.put("problem_type", config.problemType().toString());
    }
    if (config.dtype() != null) {
      json.put("dtype", config.dtype());
    }
    ViTConfig defaults = ViTConfig.builder().build();
    if (!config.id2label().equals(defaults.id2label())) {
      ObjectNode id2label = json.putObject("id2label");
      config.id2label().forEach((id, label) -> id2label.put(Integer.toString(id), label));
    }
    if (!config.label2id().equals(defaults.label2id())) {
      ObjectNode label2id = json.putObject("label2id");
      new TreeMap<>(config.label2id()).forEach(label2id::put);
    }
    ObjectNode sorted = Json.object();
    new TreeMap<>(
            json.properties().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)))
        .forEach(sorted::set);
    return sorted;
  }

  /** With the properties of every object within in order, as {@code sort_keys} of Python does. */
  private static JsonNode sorted(JsonNode node) {
    if (node.isArray()) {
      ArrayNode array = Json.object().putArray("");
      node.forEach(element -> array.add(sorted(element)));
      return array;
    }
    if (node.isObject()) {
      Map<String, JsonNode> properties = new TreeMap<>();
      node.properties().forEach(e -> properties.put(e.getKey(), sorted(e.getValue())));
      ObjectNode object = Json.object();
      properties.forEach(object::set);
      return object;
    }
    return node;
  }

  private static void writeSize(ObjectNode json, String field, ImageSize size) {
    if (size.isSquare()) {
      json.put(field, size.height());
    } else {
      ArrayNode array = json.putArray(field);
      array.add(size.height()).add(size.width());
    }
  }
}
