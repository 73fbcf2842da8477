package io.github.vit4j.backend.tornado;

import io.github.vit4j.backend.tornado.ForwardPass.Result;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.OutputShapes;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The tensors that a run hands out, filled some images at a time. */
final class OutputTensors {
  private final Map<Output, List<Tensor>> tensors = new EnumMap<>(Output.class);

  /** New memory of the shapes that {@code inputs} lead to. */
  OutputTensors(ModelDefinition model, ViTInputs inputs) {
    for (Output output : inputs.outputs()) {
      long[] shape = OutputShapes.of(model, inputs, output);
      int count = OutputShapes.count(model.config(), output);
      tensors.put(output, Stream.generate(() -> allocate(output, shape)).limit(count).toList());
    }
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

  /**
   * Copies a result without its padding.
   *
   * @param firstImage of the images that it is for
   * @param values what its buffer holds
   */
  void put(Result result, int firstImage, float[] values) {
    Tensor tensor = tensors.getOrDefault(result.output(), List.of()).get(result.index());
    MemorySegment target = tensor.data();
    long bytesOfImage = target.byteSize() / tensor.dimension(0);
    long offset = firstImage * bytesOfImage;
    if (result.width() == result.stride()) {
      int length = Math.multiplyExact(result.rows(), result.width());
      MemorySegment.copy(values, 0, target, ValueLayout.JAVA_FLOAT, offset, length);
      return;
    }
    for (int row = 0; row < result.rows(); row++) {
      MemorySegment.copy(
          values, row * result.stride(), target, ValueLayout.JAVA_FLOAT, offset, result.width());
      offset += (long) result.width() * Float.BYTES;
    }
  }

  private @Nullable Tensor single(Output output) {
    List<Tensor> list = tensors.getOrDefault(output, List.of());
    return list.isEmpty() ? null : list.getFirst();
  }

  ViTOutputs toOutputs() {
    return new ViTOutputs(
        single(Output.LOGITS),
        single(Output.LAST_HIDDEN_STATE),
        single(Output.POOLER_OUTPUT),
        single(Output.RECONSTRUCTION),
        tensors.getOrDefault(Output.HIDDEN_STATES, List.of()),
        tensors.getOrDefault(Output.ATTENTIONS, List.of()));
  }
}
