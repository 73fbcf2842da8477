package io.github.vit4j.cli;

import io.github.vit4j.BaseModelOutputWithPooling;
import io.github.vit4j.ForwardOptions;
import io.github.vit4j.ImageClassifierOutput;
import io.github.vit4j.LoadOptions;
import io.github.vit4j.MaskedImageModelingOutput;
import io.github.vit4j.ViTForImageClassification;
import io.github.vit4j.ViTForMaskedImageModeling;
import io.github.vit4j.ViTModel;
import io.github.vit4j.ViTPreTrainedModel;
import io.github.vit4j.hub.ModelFiles;
import io.github.vit4j.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A model of one of the three classes: named tensors in, named tensors out. */
sealed interface TaskModel extends AutoCloseable {
  /** Loads the model class for a task. */
  static TaskModel open(Task task, ModelFiles files, LoadOptions options) {
    return switch (task) {
      case CLASSIFICATION ->
          new Classification(ViTForImageClassification.fromPretrained(files, options));
      case FEATURES -> new Features(ViTModel.fromPretrained(files, options));
      case MASKED -> new Masked(ViTForMaskedImageModeling.fromPretrained(files, options));
    };
  }

  /** Computes the outputs by their HuggingFace names. */
  Map<String, Tensor> forward(RunInputs inputs, ForwardOptions options);

  /** The model itself. */
  ViTPreTrainedModel model();

  @Override
  default void close() {
    model().close();
  }

  private static Map<String, Tensor> named(
      @Nullable Float loss, List<Tensor> hiddenStates, List<Tensor> attentions) {
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    if (loss != null) {
      outputs.put("loss", Tensor.scalar(loss));
    }
    for (int i = 0; i < hiddenStates.size(); i++) {
      outputs.put("hidden_states." + i, hiddenStates.get(i));
    }
    for (int i = 0; i < attentions.size(); i++) {
      outputs.put("attentions." + i, attentions.get(i));
    }
    return outputs;
  }

  /** Logits, and a loss if there are labels. */
  record Classification(ViTForImageClassification model) implements TaskModel {
    @Override
    public Map<String, Tensor> forward(RunInputs inputs, ForwardOptions options) {
      ImageClassifierOutput output = model.forward(inputs.pixelValues(), inputs.labels(), options);
      Map<String, Tensor> outputs =
          named(output.loss(), output.hiddenStates(), output.attentions());
      outputs.put("logits", output.logits());
      return outputs;
    }
  }

  /** The last hidden state, and the pooler's output if there is a pooler. */
  record Features(ViTModel model) implements TaskModel {
    @Override
    public Map<String, Tensor> forward(RunInputs inputs, ForwardOptions options) {
      BaseModelOutputWithPooling output =
          model.forward(inputs.pixelValues(), inputs.boolMaskedPos(), options);
      Map<String, Tensor> outputs = named(null, output.hiddenStates(), output.attentions());
      outputs.put("last_hidden_state", output.lastHiddenState());
      Tensor poolerOutput = output.poolerOutput();
      if (poolerOutput != null) {
        outputs.put("pooler_output", poolerOutput);
      }
      return outputs;
    }
  }

  /** The reconstruction, and a loss if there is a mask. */
  record Masked(ViTForMaskedImageModeling model) implements TaskModel {
    @Override
    public Map<String, Tensor> forward(RunInputs inputs, ForwardOptions options) {
      MaskedImageModelingOutput output =
          model.forward(inputs.pixelValues(), inputs.boolMaskedPos(), options);
      Map<String, Tensor> outputs =
          named(output.loss(), output.hiddenStates(), output.attentions());
      outputs.put("reconstruction", output.reconstruction());
      return outputs;
    }
  }
}
