package io.github.vit4j.spi;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.weights.ParameterNames;
import io.github.vit4j.weights.Weight;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model as an engine gets it: what to compute and with which numbers.
 *
 * @param config sizes and functions
 * @param architecture which head
 * @param source the numbers
 */
public record ModelDefinition(ViTConfig config, Architecture architecture, ModelSource source) {
  /**
   * {@return the weight of that name, null when the model has none (a pooler, a mask token, a
   * bias)}
   *
   * @param canonicalName one of {@link ParameterNames}
   * @throws IllegalStateException if the model is an exported graph
   */
  public @Nullable Weight weight(String canonicalName) {
    return switch (source) {
      case ModelSource.Weights weights -> weights.byName().get(canonicalName);
      case ModelSource.ExportedOnnx exported ->
          throw new IllegalStateException(exported.file() + " is a graph, not a set of weights");
    };
  }

  /**
   * {@return whether pooler outputs can be asked for} Exported graphs tell only when they are
   * opened: false.
   */
  public boolean hasPooler() {
    return architecture == Architecture.VIT_MODEL && has(ParameterNames.POOLER_WEIGHT);
  }

  /**
   * {@return whether patches can be masked} Exported graphs tell only when they are opened: false.
   */
  public boolean hasMaskToken() {
    return architecture != Architecture.VIT_FOR_IMAGE_CLASSIFICATION
        && has(ParameterNames.MASK_TOKEN);
  }

  private boolean has(String name) {
    return source instanceof ModelSource.Weights weights && weights.byName().containsKey(name);
  }

  /**
   * {@return what can be asked of this model} For an exported graph of {@code ViTModel} the pooler
   * output is listed whether it has a pooler or not.
   */
  public Set<Output> outputs() {
    EnumSet<Output> outputs =
        EnumSet.of(Output.LAST_HIDDEN_STATE, Output.HIDDEN_STATES, Output.ATTENTIONS);
    switch (architecture) {
      case VIT_MODEL -> {
        if (hasPooler() || source instanceof ModelSource.ExportedOnnx) {
          outputs.add(Output.POOLER_OUTPUT);
        }
      }
      case VIT_FOR_IMAGE_CLASSIFICATION -> outputs.add(Output.LOGITS);
      case VIT_FOR_MASKED_IMAGE_MODELING -> outputs.add(Output.RECONSTRUCTION);
    }
    return outputs;
  }
}
