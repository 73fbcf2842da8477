package io.github.vit4j.conformance.reference;

import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.OutputShapes;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The tensors that were asked for, new for each run, filled matrix by matrix. */
final class ReferenceOutputs {
  private final Map<Output, List<Tensor>> tensors = new EnumMap<>(Output.class);

  ReferenceOutputs(ModelDefinition model, ViTInputs inputs) {
    for (Output output : inputs.outputs()) {
      long[] shape = OutputShapes.of(model, inputs, output);
      tensors.put(
          output,
          Stream.generate(() -> Tensor.allocate(ElementType.FLOAT32, shape))
              .limit(OutputShapes.count(model.config(), output))
              .toList());
    }
  }

  boolean wants(Output output) {
    return tensors.containsKey(output);
  }

  /**
   * Rounds a matrix to float32 and stores it the other way round: features lie side by side in a
   * tensor, tokens one after the other.
   *
   * @param index which of the output's tensors
   * @param position which of the matrices that the tensor is made of
   * @param matrix [feature][token]
   */
  void put(Output output, int index, int position, double[][] matrix) {
    if (!wants(output)) {
      return;
    }
    Tensor tensor = of(output).get(index);
    int tokens = matrix[0].length;
    long next = (long) position * matrix.length * tokens;
    for (int token = 0; token < tokens; token++) {
      for (double[] feature : matrix) {
        tensor.setFloat(next++, (float) feature[token]);
      }
    }
  }

  ViTOutputs toViTOutputs() {
    return new ViTOutputs(
        single(Output.LOGITS),
        single(Output.LAST_HIDDEN_STATE),
        single(Output.POOLER_OUTPUT),
        single(Output.RECONSTRUCTION),
        of(Output.HIDDEN_STATES),
        of(Output.ATTENTIONS));
  }

  private List<Tensor> of(Output output) {
    return tensors.getOrDefault(output, List.of());
  }

  private @Nullable Tensor single(Output output) {
    return wants(output) ? of(output).getFirst() : null;
  }
}
