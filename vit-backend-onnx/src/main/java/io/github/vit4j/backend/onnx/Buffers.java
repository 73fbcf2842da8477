package io.github.vit4j.backend.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.spi.NativeMemory;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;

/** Tensors as ONNX Runtime's, over the same memory. */
final class Buffers {
  private Buffers() {}

  /**
   * A view of {@code tensor}'s memory for ONNX Runtime to read or write. Memory of the heap, which
   * it cannot reach, is copied, so such a tensor can only be read.
   *
   * @throws InvalidInputException if it is too large for a buffer
   * @throws IllegalStateException if its memory has been released
   */
  static OnnxTensor view(OrtEnvironment environment, Tensor tensor) throws OrtException {
    return OnnxTensor.createTensor(
        environment,
        NativeMemory.buffer(NativeMemory.aligned(tensor)),
        tensor.shape(),
        type(tensor.elementType()));
  }

  private static OnnxJavaType type(ElementType type) {
    return switch (type) {
      case FLOAT32 -> OnnxJavaType.FLOAT;
      case INT64 -> OnnxJavaType.INT64;
      case BOOL -> OnnxJavaType.BOOL;
      default -> throw new IllegalArgumentException("not an input type: " + type);
    };
  }
}
