package io.github.vit4j.backend.onnx;

import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.OutputShapes;
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
  static OutputTensors allocate(ModelDefinition model, ViTInputs inputs) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Output output : inputs.outputs()) {
      long[] shape = OutputShapes.of(model, inputs, output);
      for (String name : ViTGraph.names(model.config(), output)) {
        put(tensors, name, shape);
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
