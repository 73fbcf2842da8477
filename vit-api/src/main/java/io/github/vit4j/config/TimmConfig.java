package io.github.vit4j.config;

import io.github.vit4j.error.ConfigException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Translates timm's {@code config.json}, which names an architecture and says what is special about
 * its checkpoint, to the fields of HuggingFace's ViT and of its image processor.
 *
 * <p>Sources: {@code timm/models/vision_transformer.py} and {@code deit.py} for what a name stands
 * for, {@code timm/models/_hub.py} for the file, {@code timm/data/config.py} and {@code
 * transforms_factory.py} ({@code transforms_imagenet_eval}) for the preparation of images, {@code
 * TimmWrapperConfig} of transformers for the labels.
 */
public final class TimmConfig {
  /** The class of transformers that prepares images as timm does. */
  public static final String IMAGE_PROCESSOR_TYPE = "TimmWrapperImageProcessor";

  private static final String ARCHITECTURE = "architecture";
  private static final String PRETRAINED_CFG = "pretrained_cfg";
  private static final String MODEL_TYPE = "timm_wrapper";

  private static final Pattern NAME =
      Pattern.compile(
          "(?:vit|deit)_(?<size>[a-z]+)_patch(?<patch>[1-9][0-9]?)_(?<image>[1-9][0-9]{1,3})(?:_in21k)?");

  private static final double LAYER_NORM_EPS = 1e-6;
  private static final double MLP_RATIO = 4;
  private static final int MAX_MLP_RATIO = 1000;
  private static final int DEFAULT_CLASSES = 1000;

  private static final double DEFAULT_CROP_PCT = 0.875;
  private static final double[] IMAGENET_MEAN = {0.485, 0.456, 0.406};
  private static final double[] IMAGENET_STD = {0.229, 0.224, 0.225};

  /** By timm's names; the numbers are Pillow's. */
  private static final Map<String, Integer> INTERPOLATIONS =
      Map.of("nearest", 0, "lanczos", 1, "bilinear", 2, "bicubic", 3, "box", 4, "hamming", 5);

  /** Fields that mean the same in both files. */
  private static final List<String> KEPT =
      List.of("torch_dtype", "dtype", "problem_type", ARCHITECTURE, PRETRAINED_CFG);

  /** Of {@code model_args}: what has no effect on a plain model that is not being trained. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "drop_rate",
          "pos_drop_rate",
          "patch_drop_rate",
          "proj_drop_rate",
          "attn_drop_rate",
          "drop_path_rate",
          "weight_init",
          "fix_init");

  private TimmConfig() {}

  /**
   * The widths and depths that a name of timm stands for.
   *
   * @param mlpRatio width of the MLP's hidden layer in widths of a token
   */
  private record Dimensions(int embedDim, int depth, int numHeads, double mlpRatio) {
    static @Nullable Dimensions of(String size) {
      return switch (size) {
        case "tiny" -> new Dimensions(192, 12, 3, MLP_RATIO);
        case "small" -> new Dimensions(384, 12, 6, MLP_RATIO);
        case "base" -> new Dimensions(768, 12, 12, MLP_RATIO);
        case "large" -> new Dimensions(1024, 24, 16, MLP_RATIO);
        case "huge" -> new Dimensions(1280, 32, 16, MLP_RATIO);
        case "giant" -> new Dimensions(1408, 40, 16, 48 / 11.0);
        case "gigantic" -> new Dimensions(1664, 48, 16, 64 / 13.0);
        default -> null;
      };
    }
  }

  /**
   * Whether a {@code config.json} is timm's, or that of transformers around a model of timm.
   *
   * @param json the file
   * @return whether {@link ViTConfig#fromJson} translates it
   */
  public static boolean isTimm(ObjectNode json) {
    JsonNode type = json.get("model_type");
    boolean typeFits = type == null || (type.isString() && type.stringValue().equals(MODEL_TYPE));
    return typeFits && json.path(ARCHITECTURE).isString();
  }

  /**
   * The {@code config.json} that HuggingFace's ViT would have.
   *
   * @throws ConfigException if the architecture is not a plain ViT: with layer scale, registers,
   *     pooling other than by the class token and the like
   */
  static ObjectNode toViT(ObjectNode json) {
    String architecture = name(json);
    Matcher name = NAME.matcher(architecture);
    Dimensions dimensions = name.matches() ? Dimensions.of(name.group("size")) : null;
    if (dimensions == null) {
      throw unknown(architecture);
    }
    requireTokenPooling(json);
    ObjectNode arguments = json.get("model_args") instanceof ObjectNode o ? o : Json.object();
    arguments.properties().forEach(e -> requireKnown(e.getKey(), e.getValue()));
    ObjectNode pretrained = pretrained(json);

    ObjectNode vit = Json.object();
    KEPT.stream().filter(json::has).forEach(field -> vit.set(field, json.get(field)));
    vit.put("model_type", "vit");
    int embedDim = integer(arguments, "embed_dim", dimensions.embedDim);
    vit.put("hidden_size", embedDim);
    vit.put("num_hidden_layers", integer(arguments, "depth", dimensions.depth));
    vit.put("num_attention_heads", integer(arguments, "num_heads", dimensions.numHeads));
    double mlpRatio = number(arguments, "mlp_ratio", dimensions.mlpRatio);
    if (!(mlpRatio > 0 && mlpRatio <= MAX_MLP_RATIO)) {
      throw wrong("mlp_ratio", "a number from 0 to " + MAX_MLP_RATIO, arguments.get("mlp_ratio"));
    }
    vit.put("intermediate_size", (int) (embedDim * mlpRatio));
    vit.put("layer_norm_eps", LAYER_NORM_EPS);
    vit.put("qkv_bias", !isFalse(arguments.get("qkv_bias")));
    JsonNode input = inputSize(pretrained);
    if (arguments.has("img_size")) {
      vit.set("image_size", arguments.get("img_size"));
    } else if (input != null) {
      vit.putArray("image_size").add(input.get(1)).add(input.get(2));
    } else {
      vit.put("image_size", Integer.parseInt(name.group("image")));
    }
    if (arguments.has("patch_size")) {
      vit.set("patch_size", arguments.get("patch_size"));
    } else {
      vit.put("patch_size", Integer.parseInt(name.group("patch")));
    }
    int channels = input != null ? input.get(0).asInt(3) : 3;
    vit.put("num_channels", integer(arguments, "in_chans", channels));
    putLabels(vit, json, integer(arguments, "num_classes", classes(json, pretrained)));
    return vit;
  }

  private static ConfigException unknown(String architecture) {
    boolean distilled = architecture.contains("_distilled");
    return new ConfigException(
        "architecture is \"%s\", %s"
            .formatted(
                architecture,
                distilled
                    ? "a distilled DeiT (timm's VisionTransformerDistilled), which is another model than ViT; use one without distillation, for example deit_base_patch16_224"
                    : "expected one of timm's plain Vision Transformers, vit_SIZE_patchN_PIXELS or deit_SIZE_patchN_PIXELS with the size tiny, small, base, large, huge, giant or gigantic"));
  }

  /** Without the tag of the weights that may follow a point. */
  private static String name(ObjectNode json) {
    String name = json.path(ARCHITECTURE).asString("");
    int point = name.indexOf('.');
    return point < 0 ? name : name.substring(0, point);
  }

  /** Old files have its fields beside the architecture. */
  private static ObjectNode pretrained(ObjectNode json) {
    return json.get(PRETRAINED_CFG) instanceof ObjectNode object ? object : json;
  }

  private static void requireTokenPooling(ObjectNode json) {
    JsonNode arguments = json.path("model_args");
    for (JsonNode pool : List.of(json.path("global_pool"), arguments.path("global_pool"))) {
      if (pool.isString() && !pool.stringValue().equals("token")) {
        throw new ConfigException(
            "global_pool is %s, expected \"token\": ViT4J runs models of timm that classify by the class token"
                .formatted(pool));
      }
    }
  }

  /** What is left at null, false or 0 is not there, whatever it is. */
  private static void requireKnown(String argument, JsonNode value) {
    boolean known =
        switch (argument) {
          case "embed_dim",
              "depth",
              "num_heads",
              "mlp_ratio",
              "img_size",
              "patch_size",
              "in_chans",
              "num_classes",
              "global_pool" ->
              true;
          case "qkv_bias" -> value.isBoolean();
          case "class_token" -> !isFalse(value);
          default ->
              WITHOUT_EFFECT.contains(argument)
                  || value.isNull()
                  || isFalse(value)
                  || (value.isNumber() && value.asDouble(1) == 0);
        };
    if (!known) {
      throw new ConfigException(
          "model_args has %s = %s, which makes a model that ViT4J does not run; use a plain Vision Transformer"
              .formatted(shown(argument), shown(value.toString())));
    }
  }

  private static boolean isFalse(@Nullable JsonNode value) {
    return value != null && value.isBoolean() && !value.booleanValue();
  }

  private static @Nullable JsonNode inputSize(ObjectNode pretrained) {
    JsonNode size = pretrained.get("input_size");
    if (size == null || size.isNull()) {
      return null;
    }
    if (!size.isArray() || size.size() != 3) {
      throw wrong("input_size", "[channels, height, width]", size);
    }
    return size;
  }

  private static int classes(ObjectNode json, ObjectNode pretrained) {
    return integer(json, "num_classes", integer(pretrained, "num_classes", DEFAULT_CLASSES));
  }

  /** With names where the file has them; transformers takes those of ImageNet from timm itself. */
  private static void putLabels(ObjectNode vit, ObjectNode json, int classes) {
    JsonNode names = json.path("label_names");
    if (names.isMissingNode()) {
      names = json.path("labels");
    }
    if (classes > 0 && names.isObject() && names.size() == classes) {
      vit.set("id2label", names);
    } else if (classes > 0 && names.isArray() && names.size() == classes) {
      ObjectNode id2label = vit.putObject("id2label");
      for (int i = 0; i < classes; i++) {
        JsonNode label = names.get(i);
        id2label.put(
            Integer.toString(i), label.isString() ? label.stringValue() : label.toString());
      }
    } else {
      vit.put("num_labels", classes);
    }
  }

  /**
   * The settings of an image processor that prepares images as timm's evaluation does, in the
   * fields of HuggingFace's; empty where the file says nothing of it.
   *
   * @param json a {@code config.json} of timm, or one with its {@code pretrained_cfg}
   * @return what a {@code preprocessor_config.json} would hold
   * @throws ConfigException if timm prepares images in a way that ViT4J does not
   */
  public static Optional<ObjectNode> preprocessorConfig(ObjectNode json) {
    boolean hasSettings = json.get(PRETRAINED_CFG) instanceof ObjectNode || isTimm(json);
    if (!hasSettings || !json.path(ARCHITECTURE).isString()) {
      return Optional.empty();
    }
    ObjectNode pretrained = pretrained(json);
    JsonNode input = inputSize(pretrained);
    int height = input != null ? positive("input_size", input.get(1)) : 224;
    int width = input != null ? positive("input_size", input.get(2)) : 224;
    double cropPct = number(pretrained, "crop_pct", DEFAULT_CROP_PCT);
    if (!(cropPct > 0 && cropPct <= 4)) {
      throw wrong("crop_pct", "a number from 0 to 4", pretrained.get("crop_pct"));
    }
    ObjectNode processor = Json.object();
    processor.put("image_processor_type", IMAGE_PROCESSOR_TYPE);
    processor.put("do_resize", true);
    ObjectNode size = processor.putObject("size");
    int scaledHeight = (int) Math.floor(height / cropPct);
    int scaledWidth = (int) Math.floor(width / cropPct);
    String cropMode = string(pretrained, "crop_mode", "center");
    switch (cropMode) {
      case "squash" -> size.put("height", scaledHeight).put("width", scaledWidth);
      case "center" -> {
        if (height != width) {
          throw new ConfigException(
              "input_size is %s, expected a square: how timm prepares images for others is not known here"
                  .formatted(input));
        }
        size.put("shortest_edge", scaledHeight);
      }
      default -> throw wrong("crop_mode", "\"center\" or \"squash\"", pretrained.get("crop_mode"));
    }
    processor.put("resample", resample(string(pretrained, "interpolation", "bicubic")));
    processor.put("do_center_crop", true);
    processor.putObject("crop_size").put("height", height).put("width", width);
    processor.put("do_rescale", true);
    processor.put("rescale_factor", 1 / 255.0);
    processor.put("do_normalize", true);
    putChannels(processor, "image_mean", pretrained.get("mean"), IMAGENET_MEAN);
    putChannels(processor, "image_std", pretrained.get("std"), IMAGENET_STD);
    processor.put("do_convert_rgb", true);
    return Optional.of(processor);
  }

  private static int resample(String interpolation) {
    Integer number = INTERPOLATIONS.get(interpolation);
    if (number == null) {
      throw new ConfigException(
          "interpolation is \"%s\", expected one of %s"
              .formatted(shown(interpolation), INTERPOLATIONS.keySet().stream().sorted().toList()));
    }
    return number;
  }

  private static void putChannels(
      ObjectNode processor, String field, @Nullable JsonNode values, double[] defaults) {
    ArrayNode array = processor.putArray(field);
    boolean given = values != null && values.isArray() && !values.isEmpty();
    if (!given || values == null) {
      IntStream.range(0, defaults.length).forEach(i -> array.add(defaults[i]));
    } else {
      values.forEach(array::add);
    }
  }

  // Fields.

  private static int integer(ObjectNode json, String field, int absent) {
    JsonNode node =
        present(json, field, n -> n.isIntegralNumber() && n.canConvertToInt(), "an integer");
    return node == null ? absent : node.intValue();
  }

  private static double number(ObjectNode json, String field, double absent) {
    JsonNode node = present(json, field, JsonNode::isNumber, "a number");
    return node == null ? absent : node.doubleValue();
  }

  private static String string(ObjectNode json, String field, String absent) {
    JsonNode node = present(json, field, JsonNode::isString, "a string");
    return node == null ? absent : node.stringValue();
  }

  private static @Nullable JsonNode present(
      ObjectNode json, String field, Predicate<JsonNode> fits, String expected) {
    JsonNode node = json.get(field);
    if (node == null || node.isNull()) {
      return null;
    }
    if (!fits.test(node)) {
      throw wrong(field, expected, node);
    }
    return node;
  }

  private static int positive(String field, JsonNode node) {
    if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 1) {
      throw wrong(field, "integers of at least 1", node);
    }
    return node.intValue();
  }

  private static ConfigException wrong(String field, String expected, @Nullable JsonNode node) {
    return new ConfigException(
        "%s must be %s, got %s".formatted(field, expected, shown(String.valueOf(node))));
  }

  private static String shown(String text) {
    return text.length() > 60 ? text.substring(0, 60) + "..." : text;
  }
}
