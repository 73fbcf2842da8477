package io.github.vit4j.backend.djl;

import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.OutputShapes;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tensors that a run hands out, for the script to fill. */
final class OutputTensors {
  /** The order in which the script writes them. */
  private static final List<Output> ORDER =
      List.of(
          Output.HIDDEN_STATES,
          Output.ATTENTIONS,
          Output.LAST_HIDDEN_STATE,
          Output.LOGITS,
          Output.POOLER_OUTPUT,
          Output.RECONSTRUCTION);

  private final Map<Output, List<Tensor>> tensors = new EnumMap<>(Output.class);

  private OutputTensors() {}

  /** Tensors of the shapes that {@code inputs} lead to. */
  static OutputTensors allocate(ModelDefinition model, ViTInputs inputs) {
    OutputTensors outputs = new OutputTensors();
    for (Output output : inputs.outputs()) {
      long[] shape = OutputShapes.of(model, inputs, output);
      List<Tensor> list = new ArrayList<>();
      for (int i = 0; i < OutputShapes.count(model.config(), output); i++) {
        list.add(allocate(output, shape));
      }
      outputs.tensors.put(output, list);
    }
    return outputs;
  }

  private static Tensor allocate(Output output, long... shape) {
    try {
      return Tensor.allocate(ElementType.FLOAT32, shape);
    } catch (OutOfMemoryError e) {
      throw new InvalidInputException(
          "no memory for %s %s; run fewer images at a time, or allow more with -XX:MaxDirectMemorySize"
              .formatted(output, Tensor.shapeToString(shape)),
          e);
    }
  }

  /** All of them, as the script counts them. */
  List<Tensor> inOrder() {
    return ORDER.stream().flatMap(output -> list(output).stream()).toList();
  }

  private List<Tensor> list(Output output) {
    return tensors.getOrDefault(output, List.of());
  }

  private @Nullable Tensor single(Output output) {
    List<Tensor> list = list(output);
    return list.isEmpty() ? null : list.getFirst();
  }

  ViTOutputs toOutputs() {
    return new ViTOutputs(
        single(Output.LOGITS),
        single(Output.LAST_HIDDEN_STATE),
        single(Output.POOLER_OUTPUT),
        single(Output.RECONSTRUCTION),
        list(Output.HIDDEN_STATES),
        list(Output.ATTENTIONS));
  }
}
