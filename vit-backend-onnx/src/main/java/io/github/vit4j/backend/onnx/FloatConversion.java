package io.github.vit4j.backend.onnx;

import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Tensors of other types as float32 in native memory. */
final class FloatConversion {
  /** Elements converted at a time: small enough for the first-level cache. */
  private static final int CHUNK = 4096;

  private FloatConversion() {}

  /**
   * The tensor itself if it is float32 in aligned native memory, else a copy from {@code arena}.
   */
  static Tensor toFloat32(Arena arena, Tensor tensor) {
    MemorySegment source = tensor.data();
    ElementType type = tensor.elementType();
    if (type == ElementType.FLOAT32 && source.isNative() && source.address() % Float.BYTES == 0) {
      return tensor;
    }
    Tensor result = Tensor.allocate(arena, ElementType.FLOAT32, tensor.shape());
    MemorySegment target = result.data();
    switch (type) {
      case FLOAT32 -> MemorySegment.copy(source, 0, target, 0, target.byteSize());
      case FLOAT16, BFLOAT16 -> convertHalves(source, target, type == ElementType.FLOAT16);
      default -> {
        for (long i = 0; i < tensor.elementCount(); i++) {
          target.setAtIndex(ValueLayout.JAVA_FLOAT, i, tensor.getFloat(i));
        }
      }
    }
    return result;
  }

  private static void convertHalves(MemorySegment source, MemorySegment target, boolean ieee) {
    short[] halves = new short[CHUNK];
    float[] floats = new float[CHUNK];
    long count = source.byteSize() / Short.BYTES;
    for (long from = 0; from < count; from += CHUNK) {
      int length = (int) Math.min(CHUNK, count - from);
      MemorySegment.copy(
          source, ValueLayout.JAVA_SHORT_UNALIGNED, from * Short.BYTES, halves, 0, length);
      if (ieee) {
        for (int i = 0; i < length; i++) {
          floats[i] = Float.float16ToFloat(halves[i]);
        }
      } else {
        for (int i = 0; i < length; i++) {
          floats[i] = Float.intBitsToFloat(halves[i] << 16);
        }
      }
      MemorySegment.copy(floats, 0, target, ValueLayout.JAVA_FLOAT, from * Float.BYTES, length);
    }
  }
}
