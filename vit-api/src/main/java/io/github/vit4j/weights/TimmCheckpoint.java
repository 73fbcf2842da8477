package io.github.vit4j.weights;

import io.github.vit4j.error.CheckpointException;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.ParameterNames.LayerPart;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of timm's plain Vision Transformer under the names of {@link ParameterNames}. Its
 * variants, whose numbers the same names would give silently wrong, are refused by what makes them
 * different. Source: {@code timm/models/vision_transformer.py}; {@code
 * convert_vit_timm_to_pytorch.py} of transformers 4.
 */
final class TimmCheckpoint {
  /** Before every name in what transformers saves of a model of timm. */
  private static final String WRAPPER = "timm_model.";

  private static final String PATCHES = "patch_embed.proj.weight";
  private static final String CLASS_TOKEN = "cls_token";
  private static final String FUSED = "attn.qkv";

  private static final String ADVICE =
      "use one of timm's plain Vision Transformers, for example vit_base_patch16_224.augreg_in21k_ft_in1k";

  private static final Pattern BLOCK =
      Pattern.compile("blocks\\.(?<layer>0|[1-9][0-9]{0,5})\\.(?<part>[A-Za-z0-9_.]+)");

  private static final Map<String, String> OUTSIDE_BLOCKS =
      Map.of(
          CLASS_TOKEN,
          ParameterNames.CLS_TOKEN,
          "pos_embed",
          ParameterNames.POSITION_EMBEDDINGS,
          "patch_embed.proj.weight",
          ParameterNames.PATCH_WEIGHT,
          "patch_embed.proj.bias",
          ParameterNames.PATCH_BIAS,
          "norm.weight",
          ParameterNames.LAYERNORM_WEIGHT,
          "norm.bias",
          ParameterNames.LAYERNORM_BIAS,
          "head.weight",
          ParameterNames.CLASSIFIER_WEIGHT,
          "head.bias",
          ParameterNames.CLASSIFIER_BIAS);

  private static final Map<String, LayerPart> PARTS =
      Map.of(
          "norm1", LayerPart.LAYERNORM_BEFORE,
          "attn.proj", LayerPart.ATTENTION_OUTPUT,
          "norm2", LayerPart.LAYERNORM_AFTER,
          "mlp.fc1", LayerPart.INTERMEDIATE,
          "mlp.fc2", LayerPart.OUTPUT);

  private static final List<LayerPart> FUSED_PARTS =
      List.of(LayerPart.QUERY, LayerPart.KEY, LayerPart.VALUE);

  /** What a part of a name tells about a model. */
  private record Variant(Pattern pattern, String description) {
    Variant(String pattern, String description) {
      this(Pattern.compile(pattern), description);
    }
  }

  private static final List<Variant> VARIANTS =
      List.of(
          new Variant(
              "dist_token|head_dist\\..*",
              "a distilled DeiT (timm's VisionTransformerDistilled), which has an extra token"),
          new Variant(".*\\.(ls[12]\\.gamma|gamma_[12])", "a model with layer scale"),
          new Variant("fc_norm\\..*", "a model that classifies by the average of all patches"),
          new Variant("reg_token", "a model with register tokens"),
          new Variant("norm_pre\\..*", "a model with a layer normalisation before the first layer"),
          new Variant(".*\\.attn\\.[qk]_norm\\..*", "a model with normalised queries and keys"),
          new Variant(".*\\.(attn|mlp)\\.norm\\..*", "a model with more layer normalisations"),
          new Variant("attn_pool\\..*", "a model that classifies by attention pooling"),
          new Variant("pre_logits\\..*", "a model with a layer before the classifier"),
          new Variant(".*\\.mlp\\.(fc1_g|fc1_x|w12|w3)\\..*", "a model with gated MLPs"),
          new Variant("patch_embed\\.backbone\\..*", "a hybrid of a ResNet and a ViT"),
          new Variant(".*rel_pos.*", "a model with relative positions"));

  private TimmCheckpoint() {}

  /**
   * The checkpoint itself, unless its names are timm's: then what it holds under the names of
   * {@link ParameterNames}. Nothing is copied.
   *
   * @throws CheckpointException if it is one of the variants
   */
  static Checkpoint translate(Checkpoint checkpoint) {
    boolean wrapped = checkpoint.names().contains(WRAPPER + PATCHES);
    String prefix = wrapped ? WRAPPER : "";
    boolean isTimm =
        checkpoint.names().contains(prefix + PATCHES)
            && checkpoint.names().stream().anyMatch(name -> name.startsWith(prefix + "blocks."));
    if (!isTimm) {
      return checkpoint;
    }
    checkpoint.names().forEach(name -> requirePlain(checkpoint, name, bare(name, prefix)));
    if (!checkpoint.names().contains(prefix + CLASS_TOKEN)) {
      throw new CheckpointException(
          "%s holds a model of timm without a class token (no %s), which is another model than ViT; %s"
              .formatted(checkpoint, Messages.quote(prefix + CLASS_TOKEN), ADVICE));
    }
    Map<String, Weight> weights = new LinkedHashMap<>();
    for (String name : checkpoint.names()) {
      Weight weight = checkpoint.get(name);
      if (weight != null) {
        put(checkpoint, weights, bare(name, prefix), weight);
      }
    }
    return Checkpoint.ofWeights(checkpoint.toString(), weights);
  }

  private static String bare(String name, String prefix) {
    return name.startsWith(prefix) ? name.substring(prefix.length()) : name;
  }

  private static void requirePlain(Checkpoint checkpoint, String stored, String name) {
    if (OUTSIDE_BLOCKS.containsKey(name)) {
      return;
    }
    for (Variant variant : VARIANTS) {
      if (variant.pattern.matcher(name).matches()) {
        throw variant(checkpoint, variant.description, stored);
      }
    }
    Matcher block = BLOCK.matcher(name);
    String part = block.matches() ? withoutKind(block.group("part")) : null;
    if (part == null || !(part.equals(FUSED) || PARTS.containsKey(part))) {
      throw variant(checkpoint, "a variant that is not known here", stored);
    }
  }

  private static CheckpointException variant(
      Checkpoint checkpoint, String description, String name) {
    return new CheckpointException(
        "%s holds %s of timm (it has %s), which is another model than ViT; %s"
            .formatted(checkpoint, description, Messages.quote(name), ADVICE));
  }

  /** The name of a part without {@code .weight} or {@code .bias}; null if it has neither. */
  private static @Nullable String withoutKind(String part) {
    int point = part.lastIndexOf('.');
    String kind = part.substring(point + 1);
    return point > 0 && (kind.equals("weight") || kind.equals("bias"))
        ? part.substring(0, point)
        : null;
  }

  private static void put(
      Checkpoint checkpoint, Map<String, Weight> weights, String name, Weight weight) {
    String outside = OUTSIDE_BLOCKS.get(name);
    if (outside != null) {
      weights.put(outside, weight);
      return;
    }
    Matcher block = BLOCK.matcher(name);
    if (!block.matches()) {
      throw new IllegalStateException(name);
    }
    int layer = Integer.parseInt(block.group("layer"));
    boolean isWeight = name.endsWith(".weight");
    String part = String.valueOf(withoutKind(block.group("part")));
    LayerPart known = PARTS.get(part);
    if (known != null) {
      weights.put(isWeight ? known.weight(layer) : known.bias(layer), weight);
      return;
    }
    for (int i = 0; i < FUSED_PARTS.size(); i++) {
      LayerPart third = FUSED_PARTS.get(i);
      weights.put(isWeight ? third.weight(layer) : third.bias(layer), third(checkpoint, weight, i));
    }
  }

  /** Queries, keys and values lie one after the other. */
  private static Weight third(Checkpoint checkpoint, Weight fused, int index) {
    Tensor tensor = fused.tensor();
    if (tensor.rank() == 0 || tensor.dimension(0) % FUSED_PARTS.size() != 0) {
      throw new CheckpointException(
          "%s: %s has the shape %s, expected queries, keys and values of one size"
              .formatted(
                  checkpoint, Messages.quote(fused.name()), Tensor.shapeToString(tensor.shape())));
    }
    long rows = tensor.dimension(0) / FUSED_PARTS.size();
    Tensor slice = tensor.slice(index * rows, rows);
    long length = slice.data().byteSize();
    FileRegion region = fused.region();
    FileRegion part =
        region == null
            ? null
            : new FileRegion(
                region.file(), region.identity(), region.offset() + index * length, length);
    return new Weight(fused.name(), slice, part);
  }
}
