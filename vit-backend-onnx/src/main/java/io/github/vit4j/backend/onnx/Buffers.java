package io.github.vit4j.backend.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

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
    MemorySegment data = tensor.data();
    if (!data.scope().isAlive()) {
      // A buffer would not notice, and native code would read memory that is no longer there.
      throw new IllegalStateException("the memory of " + tensor + " has been released");
    }
    if (data.byteSize() > Integer.MAX_VALUE) {
      throw new InvalidInputException(
          "%s takes %d bytes, more than the %d that fit a buffer; run fewer images at a time"
              .formatted(tensor, data.byteSize(), Integer.MAX_VALUE));
    }
    MemorySegment memory = data;
    if (!data.isNative()) {
      memory = Tensor.allocate(tensor.elementType(), tensor.shape()).data().copyFrom(data);
    }
    return OnnxTensor.createTensor(
        environment,
        memory.asByteBuffer().order(ByteOrder.nativeOrder()),
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

  /** The mask with nothing but 0 and 1 in its bytes, which native code relies on. */
  static Tensor normalisedMask(Tensor mask) {
    boolean clean = true;
    for (long i = 0; i < mask.elementCount() && clean; i++) {
      clean = (mask.getLong(i) & ~1L) == 0;
    }
    if (clean) {
      return mask;
    }
    Tensor copy = Tensor.allocate(ElementType.BOOL, mask.shape());
    for (long i = 0; i < mask.elementCount(); i++) {
      copy.data().set(ValueLayout.JAVA_BYTE, i, (byte) (mask.getBoolean(i) ? 1 : 0));
    }
    return copy;
  }
}
