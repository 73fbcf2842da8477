package io.github.vit4j.backend.onnx;

import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tensors that a run hands out, by the names of the graph's outputs.
 *
 * @param byName in no particular order but that of the index for hidden states and attentions
 */
record OutputTensors(Map<String, Tensor> byName) {
  /** Tensors of the shapes that {@code inputs} lead to, for the engine to fill. */
  static OutputTensors allocate(ViTConfig config, ViTInputs inputs, int patches) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    long images = inputs.batchSize();
    long tokens = patches + 1L;
    long hidden = config.hiddenSize();
    for (Output output : inputs.outputs()) {
      switch (output) {
        case LOGITS ->
            put(
                tensors,
                output.toString(),
                images,
                config.numLabels() == 0 ? hidden : config.numLabels());
        case LAST_HIDDEN_STATE -> put(tensors, output.toString(), images, tokens, hidden);
        case POOLER_OUTPUT -> put(tensors, output.toString(), images, config.poolerOutputSize());
        case RECONSTRUCTION -> {
          long[] shape = ViTGraph.decoderImage(config, patches);
          shape[0] = images;
          put(tensors, output.toString(), shape);
        }
        case HIDDEN_STATES -> {
          for (int i = 0; i <= config.numHiddenLayers(); i++) {
            put(tensors, ViTGraph.indexed(output, i), images, tokens, hidden);
          }
        }
        case ATTENTIONS -> {
          for (int i = 0; i < config.numHiddenLayers(); i++) {
            put(
                tensors,
                ViTGraph.indexed(output, i),
                images,
                config.numAttentionHeads(),
                tokens,
                tokens);
          }
        }
      }
    }
    return new OutputTensors(tensors);
  }

  private static void put(Map<String, Tensor> tensors, String name, long... shape) {
    try {
      tensors.put(name, Tensor.allocate(ElementType.FLOAT32, shape));
    } catch (OutOfMemoryError e) {
      throw new InvalidInputException(
          "no memory for %s %s; run fewer images at a time, or allow more with -XX:MaxDirectMemorySize"
              .formatted(name, Tensor.shapeToString(shape)),
          e);
    }
  }

  ViTOutputs toOutputs() {
    return new ViTOutputs(
        byName.get(Output.LOGITS.toString()),
        byName.get(Output.LAST_HIDDEN_STATE.toString()),
        byName.get(Output.POOLER_OUTPUT.toString()),
        byName.get(Output.RECONSTRUCTION.toString()),
        indexed(Output.HIDDEN_STATES),
        indexed(Output.ATTENTIONS));
  }

  private List<Tensor> indexed(Output output) {
    List<Tensor> tensors = new ArrayList<>();
    for (int i = 0; ; i++) {
      Tensor tensor = byName.get(ViTGraph.indexed(output, i));
      if (tensor == null) {
        return tensors;
      }
      tensors.add(tensor);
    }
  }
}
