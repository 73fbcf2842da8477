package io.github.vit4j.backend.tornado;

import io.github.vit4j.backend.tornado.kernels.Layout;
import io.github.vit4j.config.Architecture;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.ModelSource;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.FileIdentity;
import io.github.vit4j.weights.FileRegion;
import io.github.vit4j.weights.ParameterNames;
import io.github.vit4j.weights.ParameterNames.LayerPart;
import io.github.vit4j.weights.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Converts weights to float32 and puts them in the order in which kernels read them. */
final class WeightPacker {
  private final ModelDefinition model;

  private WeightPacker(ModelDefinition model) {
    this.model = model;
  }

  /**
   * All weights of {@code model}, which has weights.
   *
   * @throws BackendException if a file that they come from was written to
   */
  static PackedWeights pack(ModelDefinition model) {
    PackedWeights packed = new WeightPacker(model).pack();
    checkUnchanged(((ModelSource.Weights) model.source()).byName().values());
    return packed;
  }

  private PackedWeights pack() {
    int hidden = model.config().hiddenSize();
    List<PackedWeights.Layer> layers = new ArrayList<>();
    for (int i = 0; i < model.config().numHiddenLayers(); i++) {
      layers.add(
          new PackedWeights.Layer(
              norm(LayerPart.LAYERNORM_BEFORE.weight(i), LayerPart.LAYERNORM_BEFORE.bias(i)),
              linear(
                  hidden,
                  part(LayerPart.QUERY, i),
                  part(LayerPart.KEY, i),
                  part(LayerPart.VALUE, i)),
              linear(hidden, part(LayerPart.ATTENTION_OUTPUT, i)),
              norm(LayerPart.LAYERNORM_AFTER.weight(i), LayerPart.LAYERNORM_AFTER.bias(i)),
              linear(hidden, part(LayerPart.INTERMEDIATE, i)),
              linear(model.config().intermediateSize(), part(LayerPart.OUTPUT, i))));
    }
    Tensor patches = required(ParameterNames.PATCH_WEIGHT);
    int pixels = Math.toIntExact(patches.elementCount() / hidden);
    return new PackedWeights(
        linear(pixels, new Linear(ParameterNames.PATCH_WEIGHT, ParameterNames.PATCH_BIAS)),
        model.hasMaskToken() ? floats(ParameterNames.MASK_TOKEN) : null,
        layers,
        norm(ParameterNames.LAYERNORM_WEIGHT, ParameterNames.LAYERNORM_BIAS),
        head(model.architecture()));
  }

  private @Nullable LinearWeights head(Architecture architecture) {
    Linear head =
        switch (architecture) {
          case VIT_MODEL -> new Linear(ParameterNames.POOLER_WEIGHT, ParameterNames.POOLER_BIAS);
          case VIT_FOR_IMAGE_CLASSIFICATION ->
              new Linear(ParameterNames.CLASSIFIER_WEIGHT, ParameterNames.CLASSIFIER_BIAS);
          case VIT_FOR_MASKED_IMAGE_MODELING ->
              new Linear(ParameterNames.DECODER_WEIGHT, ParameterNames.DECODER_BIAS);
        };
    return model.weight(head.weight) == null ? null : linear(model.config().hiddenSize(), head);
  }

  private static Linear part(LayerPart part, int layer) {
    return new Linear(part.weight(layer), part.bias(layer));
  }

  /** Linear layers on the same input as one; each begins with a panel of its own. */
  private LinearWeights linear(int inputs, Linear... layers) {
    int panelCount = 0;
    for (Linear layer : layers) {
      panelCount += Layout.panels(Math.toIntExact(required(layer.weight).dimension(0)));
    }
    float[] bias = new float[Math.multiplyExact(panelCount, Layout.PANEL)];
    float[] panels = new float[Math.multiplyExact(bias.length, inputs)];
    int panel = 0;
    for (Linear layer : layers) {
      Tensor weight = required(layer.weight);
      if (model.weight(layer.bias) != null) {
        float[] values = floats(layer.bias);
        System.arraycopy(values, 0, bias, panel * Layout.PANEL, values.length);
      }
      int outputs = Math.toIntExact(weight.dimension(0));
      for (int from = 0; from < outputs; from += Layout.PANEL) {
        int count = Math.min(Layout.PANEL, outputs - from);
        float[] rows = weight.slice(from, count).toFloatArray();
        transpose(rows, count, inputs, panels, panel * inputs * Layout.PANEL);
        panel++;
      }
    }
    return new LinearWeights(panels, bias, inputs);
  }

  /** Rows of inputs as a panel: a few inputs of all rows at a time, for the sake of the cache. */
  private static void transpose(float[] rows, int count, int inputs, float[] panels, int at) {
    int block = 16;
    for (int first = 0; first < inputs; first += block) {
      int end = Math.min(inputs, first + block);
      for (int row = 0; row < count; row++) {
        for (int i = first; i < end; i++) {
          panels[at + i * Layout.PANEL + row] = rows[row * inputs + i];
        }
      }
    }
  }

  private NormWeights norm(String weight, String bias) {
    return new NormWeights(floats(weight), floats(bias));
  }

  private float[] floats(String name) {
    return required(name).toFloatArray();
  }

  private Tensor required(String name) {
    return Objects.requireNonNull(model.weight(name), name).tensor();
  }

  /** A mapping shows what is written to its file: then nobody knows what was converted. */
  private static void checkUnchanged(Iterable<Weight> weights) {
    Set<String> changed = new TreeSet<>();
    for (Weight weight : weights) {
      FileRegion region = weight.region();
      FileIdentity identity = region == null ? null : region.identity();
      if (region != null
          && identity != null
          && identity.stateOf(region.file()) == FileIdentity.State.CHANGED) {
        changed.add(region.file().toString());
      }
    }
    if (!changed.isEmpty()) {
      throw new BackendException(
          "%s was changed while it was read; load the model again"
              .formatted(String.join(", ", changed)));
    }
  }

  private record Linear(String weight, String bias) {}
}
