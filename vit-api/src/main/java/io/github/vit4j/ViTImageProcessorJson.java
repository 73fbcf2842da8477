package io.github.vit4j;

import io.github.vit4j.ViTImageProcessor.ChannelValues;
import io.github.vit4j.ViTImageProcessor.TargetSize;
import io.github.vit4j.config.ImageSize;
import io.github.vit4j.config.Json;
import io.github.vit4j.config.TimmConfig;
import io.github.vit4j.error.ConfigException;
import io.github.vit4j.image.Resampling;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@link ViTImageProcessor} from and to HuggingFace's JSON: {@code get_size_dict} and {@code
 * to_dict} of image_processing_utils.py, names of classes as image_processing_auto.py resolves
 * them.
 */
final class ViTImageProcessorJson {
  static final String VIT = "ViTImageProcessor";
  static final String DEIT = "DeiTImageProcessor";
  static final String TIMM = TimmConfig.IMAGE_PROCESSOR_TYPE;

  private ViTImageProcessorJson() {}

  static ViTImageProcessor read(ObjectNode json) {
    Map<String, JsonNode> rest = new LinkedHashMap<>();
    json.properties().forEach(e -> rest.put(e.getKey(), e.getValue()));
    ViTImageProcessor.Builder builder = new ViTImageProcessor.Builder(type(rest));

    boolean doResize = step(rest, "do_resize", true, builder::doResize);
    boolean doRescale = step(rest, "do_rescale", true, builder::doRescale);
    boolean doNormalize = step(rest, "do_normalize", true, builder::doNormalize);
    if (rest.containsKey("do_center_crop")) {
      step(rest, "do_center_crop", false, builder::doCenterCrop);
    }
    if (step(rest, "do_pad", false, value -> {})) {
      throw new ConfigException("do_pad is true, which ViT4J does not support; remove it");
    }
    boolean square = step(rest, "default_to_square", true, value -> {});
    field(rest, "size", doResize, node -> builder.size(size(node, square)));
    field(rest, "resample", doResize, node -> builder.resample(resampling(node)));
    field(rest, "crop_size", false, node -> builder.cropSize(cropSize(node)));
    field(
        rest,
        "rescale_factor",
        doRescale,
        node -> builder.rescaleFactor(number("rescale_factor", node)));
    field(rest, "image_mean", doNormalize, node -> builder.imageMean(channels("image_mean", node)));
    field(rest, "image_std", doNormalize, node -> builder.imageStd(channels("image_std", node)));
    field(
        rest, "do_convert_rgb", false, node -> builder.doConvertRgb(bool("do_convert_rgb", node)));
    return builder.additionalFields(rest).build();
  }

  /** The class that reads the file in Python; old names count for new ones. */
  private static String type(Map<String, JsonNode> rest) {
    JsonNode old = rest.remove("feature_extractor_type");
    JsonNode type = rest.remove("image_processor_type");
    if (type == null || type.isNull()) {
      type = old;
    }
    if (type == null || type.isNull()) {
      return VIT;
    }
    String name = type.isString() ? type.stringValue() : type.toString();
    return switch (name) {
      case VIT, "ViTImageProcessorFast", "ViTImageProcessorPil", "ViTFeatureExtractor" -> VIT;
      case DEIT, "DeiTImageProcessorFast", "DeiTImageProcessorPil", "DeiTFeatureExtractor" -> DEIT;
      case TIMM -> TIMM;
      default ->
          throw new ConfigException(
              "image_processor_type is %s, expected \"%s\": ViT4J does not know what other processors do"
                  .formatted(shown(type), VIT));
    };
  }

  /** Sets a boolean: absent is the default, null is off as in Python. */
  private static boolean step(
      Map<String, JsonNode> rest, String field, boolean absent, Consumer<Boolean> setter) {
    JsonNode node = rest.remove(field);
    boolean value = node == null ? absent : !node.isNull() && bool(field, node);
    setter.accept(value);
    return value;
  }

  /** Sets a field that is present; null is allowed only where it is not needed. */
  private static void field(
      Map<String, JsonNode> rest, String field, boolean needed, Consumer<JsonNode> setter) {
    JsonNode node = rest.remove(field);
    if (node == null) {
      return;
    }
    if (!node.isNull()) {
      setter.accept(node);
    } else if (needed) {
      throw new ConfigException("%s is null; give a value or remove the field".formatted(field));
    }
  }

  private static TargetSize size(JsonNode node, boolean square) {
    if (node.isNumber()) {
      int edge = pixels("size", node);
      return square
          ? new TargetSize.Exact(ImageSize.square(edge))
          : new TargetSize.ShortestEdge(edge);
    }
    if (node.isArray() && node.size() == 2) {
      return new TargetSize.Exact(
          new ImageSize(pixels("size", node.get(0)), pixels("size", node.get(1))));
    }
    Set<String> keys = node.isObject() ? new TreeSet<>(names(node)) : Set.of();
    if (keys.equals(Set.of("height", "width"))) {
      return new TargetSize.Exact(new ImageSize(pixels(node, "height"), pixels(node, "width")));
    }
    if (keys.equals(Set.of("shortest_edge"))) {
      return new TargetSize.ShortestEdge(pixels(node, "shortest_edge"));
    }
    if (keys.equals(Set.of("shortest_edge", "longest_edge"))) {
      return new TargetSize.ShortestAndLongestEdge(
          pixels(node, "shortest_edge"), pixels(node, "longest_edge"));
    }
    if (keys.equals(Set.of("longest_edge"))) {
      return new TargetSize.LongestEdge(pixels(node, "longest_edge"));
    }
    if (keys.equals(Set.of("max_height", "max_width"))) {
      return new TargetSize.Within(pixels(node, "max_height"), pixels(node, "max_width"));
    }
    throw wrong(
        "size",
        "an integer, [height, width], or an object of height and width, shortest_edge, shortest_edge and longest_edge, longest_edge, or max_height and max_width",
        node);
  }

  private static ImageSize cropSize(JsonNode node) {
    if (size(node, true) instanceof TargetSize.Exact exact) {
      return exact.size();
    }
    throw wrong("crop_size", "an integer or an object of height and width", node);
  }

  private static List<String> names(JsonNode node) {
    return node.properties().stream().map(Map.Entry::getKey).toList();
  }

  private static int pixels(JsonNode object, String key) {
    return pixels(key, object.get(key));
  }

  private static int pixels(String field, JsonNode node) {
    if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 1) {
      throw wrong(field, "an integer of at least 1", node);
    }
    return node.intValue();
  }

  private static Resampling resampling(JsonNode node) {
    if (node.isIntegralNumber() && node.canConvertToInt()) {
      return Resampling.ofPillowNumber(node.intValue())
          .orElseThrow(() -> wrong("resample", "an integer from 0 to 5", node));
    }
    throw wrong("resample", "an integer from 0 to 5", node);
  }

  private static ChannelValues channels(String field, JsonNode node) {
    if (node.isNumber()) {
      return ChannelValues.of(number(field, node));
    }
    if (!node.isArray() || node.isEmpty() || node.size() > 16) {
      throw wrong(field, "a number or an array of one number for each channel", node);
    }
    List<Double> values = new ArrayList<>();
    node.forEach(element -> values.add(number(field, element)));
    return ChannelValues.of(values);
  }

  private static double number(String field, JsonNode node) {
    if (!node.isNumber()) {
      throw wrong(field, "a number", node);
    }
    return node.doubleValue();
  }

  private static boolean bool(String field, JsonNode node) {
    if (!node.isBoolean()) {
      throw wrong(field, "true or false", node);
    }
    return node.booleanValue();
  }

  private static ConfigException wrong(String field, String expected, @Nullable JsonNode node) {
    return new ConfigException(
        "%s must be %s, got %s".formatted(field, expected, node == null ? "nothing" : shown(node)));
  }

  private static String shown(JsonNode node) {
    String text = node.toString();
    return text.length() > 60 ? text.substring(0, 60) + "..." : text;
  }

  static ObjectNode write(ViTImageProcessor processor) {
    ObjectNode json = Json.object();
    processor.additionalFields().forEach(json::set);
    json.put("image_processor_type", processor.imageProcessorType());
    json.put("do_resize", processor.doResize());
    writeSize(json.putObject("size"), processor.size());
    json.put("resample", processor.resample().pillowNumber());
    // HuggingFace leaves out what a ViT's processor does not have unless it is set.
    if (processor.doCenterCrop() || processor.imageProcessorType().equals(DEIT)) {
      json.put("do_center_crop", processor.doCenterCrop());
    }
    if (processor.cropSize() != null) {
      writeSize(json.putObject("crop_size"), new TargetSize.Exact(processor.cropSize()));
    }
    json.put("do_rescale", processor.doRescale());
    json.put("rescale_factor", processor.rescaleFactor());
    json.put("do_normalize", processor.doNormalize());
    writeChannels(json, "image_mean", processor.imageMean());
    writeChannels(json, "image_std", processor.imageStd());
    if (processor.doConvertRgb() != null) {
      json.put("do_convert_rgb", processor.doConvertRgb());
    }
    Map<String, JsonNode> byName = new TreeMap<>();
    json.properties().forEach(e -> byName.put(e.getKey(), e.getValue()));
    ObjectNode sorted = Json.object();
    byName.forEach(sorted::set);
    return sorted;
  }

  private static void writeSize(ObjectNode json, TargetSize size) {
    switch (size) {
      case TargetSize.Exact exact ->
          json.put("height", exact.size().height()).put("width", exact.size().width());
      case TargetSize.ShortestEdge edge -> json.put("shortest_edge", edge.shortestEdge());
      case TargetSize.ShortestAndLongestEdge edges ->
          json.put("longest_edge", edges.longestEdge()).put("shortest_edge", edges.shortestEdge());
      case TargetSize.LongestEdge edge -> json.put("longest_edge", edge.longestEdge());
      case TargetSize.Within within ->
          json.put("max_height", within.maxHeight()).put("max_width", within.maxWidth());
    }
  }

  private static void writeChannels(ObjectNode json, String field, ChannelValues values) {
    if (values.isScalar()) {
      json.put(field, values.values().getFirst());
    } else {
      ArrayNode array = json.putArray(field);
      values.values().forEach(array::add);
    }
  }
}
