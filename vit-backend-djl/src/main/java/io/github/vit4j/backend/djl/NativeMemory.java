package io.github.vit4j.backend.djl;

import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Tensors as PyTorch can read them. */
final class NativeMemory {
  private NativeMemory() {}

  /** The tensor itself if it lies in aligned native memory, else a copy. */
  static Tensor aligned(Tensor tensor) {
    MemorySegment data = tensor.data();
    if (data.isNative() && data.address() % tensor.elementType().byteSize() == 0) {
      return tensor;
    }
    Tensor copy = Tensor.allocate(tensor.elementType(), tensor.shape());
    copy.data().copyFrom(data);
    return copy;
  }

  /** The mask with nothing but 0 and 1 in its bytes, which native code relies on. */
  static Tensor normalised(Tensor mask) {
    Tensor copy = Tensor.allocate(ElementType.BOOL, mask.shape());
    for (long i = 0; i < mask.elementCount(); i++) {
      copy.data().set(ValueLayout.JAVA_BYTE, i, (byte) (mask.getBoolean(i) ? 1 : 0));
    }
    return copy;
  }

  /**
   * The memory of a tensor, which must be native.
   *
   * @throws InvalidInputException if it is too large for a buffer
   * @throws IllegalStateException if its memory has been released
   */
  static ByteBuffer buffer(Tensor tensor) {
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
    return data.asByteBuffer().order(ByteOrder.nativeOrder());
  }
}
