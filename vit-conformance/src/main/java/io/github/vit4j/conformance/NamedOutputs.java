package io.github.vit4j.conformance;

import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A run's outputs by the names of reference cases. */
public final class NamedOutputs {
  private NamedOutputs() {}

  /**
   * {@return what was handed out, by name: {@code logits}, {@code last_hidden_state}, {@code
   * pooler_output}, {@code reconstruction}, {@code hidden_states.N}, {@code attentions.N}}
   *
   * @param outputs of a run; those that are null or an empty list get no name
   */
  public static Map<String, Tensor> of(ViTOutputs outputs) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    put(tensors, Output.LOGITS, outputs.logits());
    put(tensors, Output.LAST_HIDDEN_STATE, outputs.lastHiddenState());
    put(tensors, Output.POOLER_OUTPUT, outputs.poolerOutput());
    put(tensors, Output.RECONSTRUCTION, outputs.reconstruction());
    put(tensors, Output.HIDDEN_STATES, outputs.hiddenStates());
    put(tensors, Output.ATTENTIONS, outputs.attentions());
    return tensors;
  }

  private static void put(Map<String, Tensor> tensors, Output output, @Nullable Tensor tensor) {
    if (tensor != null) {
      tensors.put(output.toString(), tensor);
    }
  }

  private static void put(Map<String, Tensor> tensors, Output output, List<Tensor> list) {
    for (int i = 0; i < list.size(); i++) {
      tensors.put(output + "." + i, list.get(i));
    }
  }
}
