package io.github.vit4j.conformance.faults;

import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Altered copies of tensors, inputs and outputs. */
final class Edits {
  private Edits() {}

  /** Each number on its own. */
  static Tensor mapped(Tensor tensor, DoubleUnaryOperator function) {
    Tensor result = Tensor.allocate(ElementType.FLOAT32, tensor.shape());
    for (long i = 0; i < tensor.elementCount(); i++) {
      result.setFloat(i, (float) function.applyAsDouble(tensor.getDouble(i)));
    }
    return result;
  }

  /** The numbers in another order: number {@code i} of the result is {@code from(i)}. */
  static Tensor rearranged(Tensor tensor, LongUnaryOperator from) {
    Tensor result = Tensor.allocate(ElementType.FLOAT32, tensor.shape());
    for (long i = 0; i < tensor.elementCount(); i++) {
      result.setFloat(i, tensor.getFloat(from.applyAsLong(i)));
    }
    return result;
  }

  static ViTInputs pixels(ViTInputs inputs, Tensor pixelValues) {
    return new ViTInputs(
        pixelValues, inputs.boolMaskedPos(), inputs.interpolatePosEncoding(), inputs.outputs());
  }

  static ViTInputs asking(ViTInputs inputs, Set<Output> outputs) {
    return new ViTInputs(
        inputs.pixelValues(), inputs.boolMaskedPos(), inputs.interpolatePosEncoding(), outputs);
  }

  static ViTInputs askingAlso(ViTInputs inputs, Output output) {
    Set<Output> outputs = EnumSet.copyOf(inputs.outputs());
    outputs.add(output);
    return asking(inputs, outputs);
  }

  /** Every tensor of one output. */
  static ViTOutputs mapped(ViTOutputs outputs, Output output, UnaryOperator<Tensor> function) {
    return mapped(outputs, (o, tensor) -> o == output ? function.apply(tensor) : tensor);
  }

  /** Every tensor. */
  static ViTOutputs mapped(ViTOutputs outputs, BiFunction<Output, Tensor, Tensor> function) {
    Map<Output, List<Tensor>> tensors = tensors(outputs);
    tensors.replaceAll(
        (output, list) -> list.stream().map(tensor -> function.apply(output, tensor)).toList());
    return outputs(tensors);
  }

  static Map<Output, List<Tensor>> tensors(ViTOutputs outputs) {
    Map<Output, List<Tensor>> tensors = new EnumMap<>(Output.class);
    tensors.put(Output.LOGITS, Stream.ofNullable(outputs.logits()).toList());
    tensors.put(Output.LAST_HIDDEN_STATE, Stream.ofNullable(outputs.lastHiddenState()).toList());
    tensors.put(Output.POOLER_OUTPUT, Stream.ofNullable(outputs.poolerOutput()).toList());
    tensors.put(Output.RECONSTRUCTION, Stream.ofNullable(outputs.reconstruction()).toList());
    tensors.put(Output.HIDDEN_STATES, outputs.hiddenStates());
    tensors.put(Output.ATTENTIONS, outputs.attentions());
    tensors.values().removeIf(List::isEmpty);
    return tensors;
  }

  static ViTOutputs outputs(Map<Output, List<Tensor>> tensors) {
    return new ViTOutputs(
        single(tensors, Output.LOGITS),
        single(tensors, Output.LAST_HIDDEN_STATE),
        single(tensors, Output.POOLER_OUTPUT),
        single(tensors, Output.RECONSTRUCTION),
        tensors.getOrDefault(Output.HIDDEN_STATES, List.of()),
        tensors.getOrDefault(Output.ATTENTIONS, List.of()));
  }

  private static @Nullable Tensor single(Map<Output, List<Tensor>> tensors, Output output) {
    List<Tensor> list = tensors.getOrDefault(output, List.of());
    return list.isEmpty() ? null : list.getFirst();
  }

  /** The inputs of one image alone. */
  static ViTInputs image(ViTInputs inputs, int image) {
    Tensor mask = inputs.boolMaskedPos();
    return new ViTInputs(
        inputs.pixelValues().slice(image, 1),
        mask == null ? null : mask.slice(image, 1),
        inputs.interpolatePosEncoding(),
        inputs.outputs());
  }

  /** The outputs of a batch from those of its images. */
  static ViTOutputs batch(List<ViTOutputs> images) {
    Map<Output, List<Tensor>> batch = tensors(images.getFirst());
    batch.replaceAll(
        (output, first) -> {
          List<Tensor> joined = new ArrayList<>();
          IntStream.range(0, first.size())
              .forEach(
                  i -> {
                    List<Tensor> parts =
                        images.stream()
                            .map(image -> tensors(image).getOrDefault(output, List.of()).get(i))
                            .toList();
                    long[] shape = parts.getFirst().shape();
                    shape[0] = parts.size();
                    joined.add(Tensor.stack(parts).reshape(shape));
                  });
          return joined;
        });
    return outputs(batch);
  }
}
