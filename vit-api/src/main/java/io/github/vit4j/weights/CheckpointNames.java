package io.github.vit4j.weights;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.weights.ParameterNames.LayerPart;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The spellings under which versions of transformers have stored a ViT's parameters, and the one of
 * {@link ParameterNames}.
 *
 * <p>Sources: {@code transformers/models/vit/modeling_vit.py} of versions 4 and 5, and {@code
 * modeling_utils.py} of version 4 for {@code gamma} and {@code beta}.
 */
public final class CheckpointNames {
  private static final String PREFIX = "vit.";

  /** Everything outside the encoder layers that carries no {@code vit.} of its own. */
  private static final Pattern HEAD = Pattern.compile("(classifier|decoder\\.0)\\.(weight|bias)");

  private static final Pattern OUTSIDE_LAYERS =
      Pattern.compile(
          "embeddings\\.(cls_token|mask_token|position_embeddings)"
              + "|embeddings\\.patch_embeddings\\.projection\\.(weight|bias)"
              + "|pooler\\.dense\\.(weight|bias)");

  private static final Pattern FINAL_NORM =
      Pattern.compile("layernorm\\.(?<kind>weight|bias|gamma|beta)");

  private static final Pattern LAYER =
      Pattern.compile(
          "(?<style>encoder\\.layer|layers)\\.(?<layer>0|[1-9][0-9]{0,5})"
              + "\\.(?<part>[a-z0-9_.]+)\\.(?<kind>weight|bias|gamma|beta)");

  private static final Map<String, LayerPart> VERSION_4_PARTS =
      Map.of(
          "layernorm_before", LayerPart.LAYERNORM_BEFORE,
          "attention.attention.query", LayerPart.QUERY,
          "attention.attention.key", LayerPart.KEY,
          "attention.attention.value", LayerPart.VALUE,
          "attention.output.dense", LayerPart.ATTENTION_OUTPUT,
          "layernorm_after", LayerPart.LAYERNORM_AFTER,
          "intermediate.dense", LayerPart.INTERMEDIATE,
          "output.dense", LayerPart.OUTPUT);

  private static final Map<String, LayerPart> VERSION_5_PARTS =
      Map.of(
          "layernorm_before", LayerPart.LAYERNORM_BEFORE,
          "attention.q_proj", LayerPart.QUERY,
          "attention.k_proj", LayerPart.KEY,
          "attention.v_proj", LayerPart.VALUE,
          "attention.o_proj", LayerPart.ATTENTION_OUTPUT,
          "layernorm_after", LayerPart.LAYERNORM_AFTER,
          "mlp.fc1", LayerPart.INTERMEDIATE,
          "mlp.fc2", LayerPart.OUTPUT);

  private CheckpointNames() {}

  /**
   * {@return the name in {@link ParameterNames} of a checkpoint's parameter; the name itself when
   * it is none of a ViT's}
   *
   * @param name as a checkpoint of any version of transformers has it
   */
  public static String canonical(String name) {
    if (HEAD.matcher(name).matches()) {
      return name;
    }
    String bare = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
    if (OUTSIDE_LAYERS.matcher(bare).matches()) {
      return bare;
    }
    Matcher norm = FINAL_NORM.matcher(bare);
    if (norm.matches()) {
      return isWeight(norm) ? ParameterNames.LAYERNORM_WEIGHT : ParameterNames.LAYERNORM_BIAS;
    }
    Matcher matcher = LAYER.matcher(bare);
    if (!matcher.matches()) {
      return name;
    }
    boolean version5 = matcher.group("style").equals("layers");
    LayerPart part = (version5 ? VERSION_5_PARTS : VERSION_4_PARTS).get(matcher.group("part"));
    if (part == null) {
      return name;
    }
    String kind = matcher.group("kind");
    boolean isNorm = part == LayerPart.LAYERNORM_BEFORE || part == LayerPart.LAYERNORM_AFTER;
    if (!isNorm && (kind.equals("gamma") || kind.equals("beta"))) {
      return name;
    }
    int layer = Integer.parseInt(matcher.group("layer"));
    return isWeight(matcher) ? part.weight(layer) : part.bias(layer);
  }

  private static boolean isWeight(Matcher matcher) {
    String kind = matcher.group("kind");
    return kind.equals("weight") || kind.equals("gamma");
  }

  /**
   * {@return the name under which {@code save_pretrained} of a class in transformers stores a
   * parameter: the parts of the bare model have the prefix {@code vit.} inside a model with a head}
   *
   * @param canonical the name in {@link ParameterNames}
   * @param architecture which class
   */
  public static String saved(String canonical, Architecture architecture) {
    return switch (architecture) {
      case VIT_MODEL -> canonical;
      case VIT_FOR_IMAGE_CLASSIFICATION, VIT_FOR_MASKED_IMAGE_MODELING ->
          HEAD.matcher(canonical).matches() ? canonical : PREFIX + canonical;
    };
  }
}
