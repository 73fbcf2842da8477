package io.github.vit4j.spi;

import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** For sessions: tensors as native engines can take them, without a copy where that is possible. */
public final class NativeMemory {
  private NativeMemory() {}

  /**
   * {@return the tensor itself if it lies in native memory at a multiple of its element's size,
   * else a copy that does}
   *
   * @param tensor of any type and shape
   * @throws IllegalStateException if its memory has been released
   */
  public static Tensor aligned(Tensor tensor) {
    MemorySegment data = live(tensor);
    if (data.isNative() && data.address() % tensor.elementType().byteSize() == 0) {
      return tensor;
    }
    Tensor copy = Tensor.allocate(tensor.elementType(), tensor.shape());
    copy.data().copyFrom(data);
    return copy;
  }

  /**
   * {@return the memory of a tensor as a buffer of the machine's byte order; a view, not a copy, so
   * it is direct where the tensor's memory is native}
   *
   * @param tensor of any type and shape, at most 2^31 - 1 bytes
   * @throws InvalidInputException if it is too large for a buffer
   * @throws IllegalStateException if its memory has been released
   */
  public static ByteBuffer buffer(Tensor tensor) {
    MemorySegment data = live(tensor);
    if (data.byteSize() > Integer.MAX_VALUE) {
      throw new InvalidInputException(
          "%s takes %d bytes, more than the %d that fit a buffer; run fewer images at a time"
              .formatted(tensor, data.byteSize(), Integer.MAX_VALUE));
    }
    return data.asByteBuffer().order(ByteOrder.nativeOrder());
  }

  /**
   * {@return a bool tensor with nothing but 0 and 1 in its bytes, which native code relies on: the
   * tensor itself if it is so already, else a copy}
   *
   * @param mask a bool tensor of any shape; bytes other than 0 count as true
   */
  public static Tensor normalisedMask(Tensor mask) {
    long count = mask.elementCount();
    boolean clean = true;
    for (long i = 0; i < count && clean; i++) {
      clean = (mask.getLong(i) & ~1L) == 0;
    }
    if (clean) {
      return mask;
    }
    Tensor copy = Tensor.allocate(ElementType.BOOL, mask.shape());
    for (long i = 0; i < count; i++) {
      copy.data().set(ValueLayout.JAVA_BYTE, i, (byte) (mask.getBoolean(i) ? 1 : 0));
    }
    return copy;
  }

  private static MemorySegment live(Tensor tensor) {
    MemorySegment data = tensor.data();
    if (!data.scope().isAlive()) {
      // A buffer would not notice, and native code would read memory that is no longer there.
      throw new IllegalStateException("the memory of " + tensor + " has been released");
    }
    return data;
  }
}
