package io.github.vit4j.backend.djl;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.ParameterNames;
import io.github.vit4j.weights.ParameterNames.LayerPart;
import io.github.vit4j.weights.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The weights in the order in which the script ({@code vit.py}) counts them: CLS token, mask token,
 * positions, patch projection; for every layer the parts of {@link LayerPart}, weight and bias; the
 * final layer normalisation; the head. What a model lacks has an entry all the same, so that the
 * counting is the same for all models.
 */
final class WeightList {
  /** How a script holds a weight. */
  enum Kind {
    /** In the type of the arithmetic. */
    PLAIN,
    /** As {@link #PLAIN}, the matrix of a linear layer, reordered where the arithmetic says so. */
    MATRIX,
    /** In float32 whatever the arithmetic. */
    FLOAT32
  }

  /**
   * One weight.
   *
   * @param name canonical
   * @param weight null where the model has none
   */
  record Entry(String name, @Nullable Weight weight, Kind kind) {
    /** The weight of a model that has it. */
    Weight required() {
      return Objects.requireNonNull(weight, name);
    }
  }

  static final int FIRST_LAYER = 5;
  static final int PER_LAYER = 2 * LayerPart.values().length;

  private WeightList() {}

  /**
   * The index of the weight of the final layer normalisation, which its bias and the head follow.
   */
  static int finalNorm(int layers) {
    return FIRST_LAYER + PER_LAYER * layers;
  }

  /** The index of the head's weight, which its bias follows. */
  static int head(int layers) {
    return finalNorm(layers) + 2;
  }

  /**
   * The index of the last layer's key weight, and after it its value weight, once more, as given.
   */
  static int lastKeyAndValue(int layers) {
    return head(layers) + 2;
  }

  /** All weights of {@code model}. */
  static List<Entry> of(ModelDefinition model) {
    List<Entry> entries = new ArrayList<>();
    add(entries, model, ParameterNames.CLS_TOKEN, Kind.PLAIN);
    add(entries, model, ParameterNames.MASK_TOKEN, Kind.PLAIN);
    add(entries, model, ParameterNames.POSITION_EMBEDDINGS, Kind.FLOAT32);
    add(entries, model, ParameterNames.PATCH_WEIGHT, Kind.PLAIN);
    add(entries, model, ParameterNames.PATCH_BIAS, Kind.PLAIN);
    int layers = model.config().numHiddenLayers();
    for (int layer = 0; layer < layers; layer++) {
      for (LayerPart part : LayerPart.values()) {
        boolean norm = part == LayerPart.LAYERNORM_BEFORE || part == LayerPart.LAYERNORM_AFTER;
        add(entries, model, part.weight(layer), norm ? Kind.PLAIN : Kind.MATRIX);
        add(entries, model, part.bias(layer), Kind.PLAIN);
      }
    }
    add(entries, model, ParameterNames.LAYERNORM_WEIGHT, Kind.PLAIN);
    add(entries, model, ParameterNames.LAYERNORM_BIAS, Kind.PLAIN);
    add(entries, model, headName(model.architecture(), true), Kind.MATRIX);
    add(entries, model, headName(model.architecture(), false), Kind.PLAIN);
    if (layers > 0) {
      add(entries, model, LayerPart.KEY.weight(layers - 1), Kind.FLOAT32);
      add(entries, model, LayerPart.VALUE.weight(layers - 1), Kind.FLOAT32);
    }
    if (entries.getFirst().weight() == null) {
      throw new IllegalArgumentException("a model without a CLS token");
    }
    return entries;
  }

  private static String headName(Architecture architecture, boolean weight) {
    return switch (architecture) {
      case VIT_MODEL -> weight ? ParameterNames.POOLER_WEIGHT : ParameterNames.POOLER_BIAS;
      case VIT_FOR_IMAGE_CLASSIFICATION ->
          weight ? ParameterNames.CLASSIFIER_WEIGHT : ParameterNames.CLASSIFIER_BIAS;
      case VIT_FOR_MASKED_IMAGE_MODELING ->
          weight ? ParameterNames.DECODER_WEIGHT : ParameterNames.DECODER_BIAS;
    };
  }

  private static void add(List<Entry> entries, ModelDefinition model, String name, Kind kind) {
    entries.add(new Entry(name, model.weight(name), kind));
  }

  /** The weight in the shape that the script sees: matrices without the 1x1 of a convolution. */
  static Tensor tensor(Entry entry) {
    Tensor tensor = entry.required().tensor();
    return entry.kind() == Kind.MATRIX
        ? tensor.reshape(tensor.dimension(0), tensor.dimension(1))
        : tensor;
  }
}
