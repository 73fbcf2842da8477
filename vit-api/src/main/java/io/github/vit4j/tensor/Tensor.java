package io.github.vit4j.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * A dense, row-major, little-endian block of numbers in native memory, so that an engine can take
 * it without a copy.
 *
 * <p>The memory belongs to the {@link Arena} it was allocated from. Without one it is released by
 * the garbage collector some time after the last tensor that views it has become unreachable;
 * whoever needs it released at a moment of his choice passes an arena of his own. A scalar has rank
 * 0 and one element; a dimension may be 0.
 *
 * <p>Thread-safety: shape and type never change; reading from several threads is safe as long as
 * nobody writes.
 */
public final class Tensor {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  /** A cache line, which also satisfies every vector instruction of today's processors. */
  private static final long ALIGNMENT = 64;

  private final ElementType elementType;
  private final long[] shape;
  private final long elementCount;
  private final MemorySegment data;

  private Tensor(ElementType elementType, long[] shape, MemorySegment data) {
    this.elementType = Objects.requireNonNull(elementType, "elementType");
    this.shape = shape;
    this.elementCount = elementCount(shape);
    long byteSize = byteSize(elementType, shape);
    if (data.byteSize() != byteSize) {
      throw new IllegalArgumentException(
          "%s of shape %s takes %d bytes, got %d"
              .formatted(elementType, shapeToString(shape), byteSize, data.byteSize()));
    }
    if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      throw new UnsupportedOperationException("ViT4J runs on little-endian processors only");
    }
    this.data = data;
  }

  /** Allocates zeroed memory that the garbage collector releases. */
  public static Tensor allocate(ElementType elementType, long... shape) {
    return allocate(Arena.ofAuto(), elementType, shape);
  }

  /** Allocates zeroed memory from {@code arena}, whose closing releases it. */
  public static Tensor allocate(Arena arena, ElementType elementType, long... shape) {
    long byteSize = byteSize(elementType, shape);
    // A byte at least: engines reject the null address that an empty segment may have.
    MemorySegment data = arena.allocate(Math.max(byteSize, 1), ALIGNMENT);
    return new Tensor(elementType, shape.clone(), data.asSlice(0, byteSize));
  }

  /**
   * Views {@code data} (exactly as many bytes as the shape needs, little-endian) as a tensor,
   * without a copy.
   */
  public static Tensor of(MemorySegment data, ElementType elementType, long... shape) {
    return new Tensor(elementType, shape.clone(), data);
  }

  /** Copies {@code values} into a float32 tensor. */
  public static Tensor of(float[] values, long... shape) {
    Tensor tensor = checkedAllocate(ElementType.FLOAT32, values.length, shape);
    MemorySegment.copy(values, 0, tensor.data, FLOAT, 0, values.length);
    return tensor;
  }

  /** Copies {@code values} into a float64 tensor. */
  public static Tensor of(double[] values, long... shape) {
    Tensor tensor = checkedAllocate(ElementType.FLOAT64, values.length, shape);
    MemorySegment.copy(values, 0, tensor.data, DOUBLE, 0, values.length);
    return tensor;
  }

  /** Copies {@code values} into an int64 tensor. */
  public static Tensor of(long[] values, long... shape) {
    Tensor tensor = checkedAllocate(ElementType.INT64, values.length, shape);
    MemorySegment.copy(values, 0, tensor.data, LONG, 0, values.length);
    return tensor;
  }

  /** Copies {@code values} into a bool tensor, one byte an element. */
  public static Tensor of(boolean[] values, long... shape) {
    Tensor tensor = checkedAllocate(ElementType.BOOL, values.length, shape);
    for (int i = 0; i < values.length; i++) {
      tensor.data.set(ValueLayout.JAVA_BYTE, i, (byte) (values[i] ? 1 : 0));
    }
    return tensor;
  }

  /** A float32 tensor of rank 0. */
  public static Tensor scalar(float value) {
    return of(new float[] {value});
  }

  /**
   * Copies tensors of one shape and type into one tensor with a new first dimension.
   *
   * @throws IllegalArgumentException if there are none, or if shapes or types differ
   */
  public static Tensor stack(List<Tensor> tensors) {
    return stack(Arena.ofAuto(), tensors);
  }

  /** {@link #stack(List)}, into memory from {@code arena}. */
  public static Tensor stack(Arena arena, List<Tensor> tensors) {
    if (tensors.isEmpty()) {
      throw new IllegalArgumentException("nothing to stack");
    }
    Tensor first = tensors.getFirst();
    long[] shape = new long[first.rank() + 1];
    shape[0] = tensors.size();
    System.arraycopy(first.shape, 0, shape, 1, first.rank());
    Tensor result = allocate(arena, first.elementType, shape);
    long offset = 0;
    for (Tensor tensor : tensors) {
      if (tensor.elementType != first.elementType || !Arrays.equals(tensor.shape, first.shape)) {
        throw new IllegalArgumentException("cannot stack " + tensor + " with " + first);
      }
      MemorySegment.copy(tensor.data, 0, result.data, offset, tensor.data.byteSize());
      offset += tensor.data.byteSize();
    }
    return result;
  }

  private static Tensor checkedAllocate(ElementType type, int length, long[] shape) {
    if (elementCount(shape) != length) {
      throw new IllegalArgumentException(
          "shape %s has %d elements, got %d"
              .formatted(shapeToString(shape), elementCount(shape), length));
    }
    return allocate(type, shape);
  }

  /** The type of the elements. */
  public ElementType elementType() {
    return elementType;
  }

  /** A copy of the dimensions, outermost first. */
  public long[] shape() {
    return shape.clone();
  }

  /** How many dimensions there are. */
  public int rank() {
    return shape.length;
  }

  /** The size of dimension {@code axis}; negative axes count from the end. */
  public long dimension(int axis) {
    return shape[axis < 0 ? axis + shape.length : axis];
  }

  /** Whether the dimensions are exactly these. */
  public boolean hasShape(long... expected) {
    return Arrays.equals(shape, expected);
  }

  /** The product of the dimensions; 1 for a scalar. */
  public long elementCount() {
    return elementCount;
  }

  /** The memory itself, {@code elementCount * elementType.byteSize()} bytes. Not a copy. */
  public MemorySegment data() {
    return data;
  }

  /**
   * Element {@code index} (row-major) as a float; bool gives 0 or 1, float64 and integers are
   * rounded.
   */
  public float getFloat(long index) {
    return switch (elementType) {
      case FLOAT32 -> data.get(FLOAT, index * 4);
      case FLOAT16 -> Float.float16ToFloat(data.get(SHORT, index * 2));
      case BFLOAT16 -> bfloat16ToFloat(data.get(SHORT, index * 2));
      case FLOAT64 -> (float) data.get(DOUBLE, index * 8);
      case INT64, INT32, INT16, INT8, UINT8, BOOL -> getLong(index);
    };
  }

  /** Element {@code index} (row-major) as a double; bool gives 0 or 1. */
  public double getDouble(long index) {
    return switch (elementType) {
      case FLOAT64 -> data.get(DOUBLE, index * 8);
      case FLOAT32, FLOAT16, BFLOAT16 -> getFloat(index);
      case INT64, INT32, INT16, INT8, UINT8, BOOL -> getLong(index);
    };
  }

  /**
   * Element {@code index} (row-major) of an integer or bool tensor.
   *
   * @throws IllegalStateException if the elements are floating-point numbers
   */
  public long getLong(long index) {
    return switch (elementType) {
      case INT64 -> data.get(LONG, index * 8);
      case INT32 -> data.get(INT, index * 4);
      case INT16 -> data.get(SHORT, index * 2);
      case INT8 -> data.get(ValueLayout.JAVA_BYTE, index);
      case UINT8, BOOL -> Byte.toUnsignedInt(data.get(ValueLayout.JAVA_BYTE, index));
      case FLOAT64, FLOAT32, FLOAT16, BFLOAT16 ->
          throw new IllegalStateException(this + " does not hold integers");
    };
  }

  /** Element {@code index} (row-major) as a truth value: anything but zero. */
  public boolean getBoolean(long index) {
    return elementType.isFloatingPoint() ? getFloat(index) != 0 : getLong(index) != 0;
  }

  /**
   * Sets element {@code index} (row-major), rounding to the nearest value of the element type, ties
   * to even.
   */
  public void setFloat(long index, float value) {
    switch (elementType) {
      case FLOAT32 -> data.set(FLOAT, index * 4, value);
      case FLOAT16 -> data.set(SHORT, index * 2, Float.floatToFloat16(value));
      case BFLOAT16 -> data.set(SHORT, index * 2, floatToBfloat16(value));
      case FLOAT64 -> data.set(DOUBLE, index * 8, value);
      case INT64, INT32, INT16, INT8, UINT8, BOOL ->
          throw new IllegalStateException(this + " does not hold floating-point numbers");
    }
  }

  /** A copy of the elements as floats, row-major. */
  public float[] toFloatArray() {
    float[] values = new float[Math.toIntExact(elementCount)];
    if (elementType == ElementType.FLOAT32) {
      MemorySegment.copy(data, FLOAT, 0, values, 0, values.length);
    } else {
      for (int i = 0; i < values.length; i++) {
        values[i] = getFloat(i);
      }
    }
    return values;
  }

  /** A copy of the elements as doubles, row-major. */
  public double[] toDoubleArray() {
    double[] values = new double[Math.toIntExact(elementCount)];
    for (int i = 0; i < values.length; i++) {
      values[i] = getDouble(i);
    }
    return values;
  }

  /** A copy of the elements of an integer or bool tensor, row-major. */
  public long[] toLongArray() {
    long[] values = new long[Math.toIntExact(elementCount)];
    for (int i = 0; i < values.length; i++) {
      values[i] = getLong(i);
    }
    return values;
  }

  /**
   * This tensor if it has that type already, else a copy converted to it (between floating-point
   * types only).
   */
  public Tensor to(ElementType type) {
    return to(Arena.ofAuto(), type);
  }

  /** {@link #to(ElementType)}, into memory from {@code arena} where a copy is needed. */
  public Tensor to(Arena arena, ElementType type) {
    if (type == elementType) {
      return this;
    }
    if (!type.isFloatingPoint() || !elementType.isFloatingPoint()) {
      throw new IllegalArgumentException("cannot convert " + this + " to " + type);
    }
    Tensor result = allocate(arena, type, shape);
    for (long i = 0; i < elementCount; i++) {
      result.setFloat(i, getFloat(i));
    }
    return result;
  }

  /** The same memory under another shape of as many elements. */
  public Tensor reshape(long... newShape) {
    return new Tensor(elementType, newShape.clone(), data);
  }

  /** A view of entry {@code index} of the first dimension; its rank is one less. */
  public Tensor slice(long index) {
    return slice(index, 1).reshape(Arrays.copyOfRange(shape, 1, shape.length));
  }

  /**
   * A view of {@code length} entries of the first dimension, from {@code from} on; the rank stays.
   */
  public Tensor slice(long from, long length) {
    if (shape.length == 0) {
      throw new IllegalStateException("a scalar has no first dimension to slice");
    }
    Objects.checkFromIndexSize(from, length, shape[0]);
    long[] newShape = shape.clone();
    newShape[0] = length;
    long rowBytes = shape[0] == 0 ? 0 : data.byteSize() / shape[0];
    return new Tensor(elementType, newShape, data.asSlice(from * rowBytes, length * rowBytes));
  }

  /** For example {@code float32[1, 3, 224, 224]}. */
  @Override
  public String toString() {
    return elementType + shapeToString(shape);
  }

  /** For example {@code [1, 3, 224, 224]}. */
  public static String shapeToString(long... shape) {
    return LongStream.of(shape)
        .mapToObj(Long::toString)
        .collect(Collectors.joining(", ", "[", "]"));
  }

  /**
   * The product of the dimensions.
   *
   * @throws IllegalArgumentException if one is negative or the product overflows
   */
  public static long elementCount(long... shape) {
    long count = 1;
    for (long dimension : shape) {
      if (dimension < 0) {
        throw new IllegalArgumentException("negative dimension in shape " + shapeToString(shape));
      }
      try {
        count = Math.multiplyExact(count, dimension);
      } catch (ArithmeticException e) {
        throw new IllegalArgumentException(
            "shape " + shapeToString(shape) + " has too many elements", e);
      }
    }
    return count;
  }

  private static long byteSize(ElementType type, long[] shape) {
    try {
      return Math.multiplyExact(elementCount(shape), type.byteSize());
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "shape " + shapeToString(shape) + " has too many elements", e);
    }
  }

  /** The float whose upper half {@code bits} is. */
  public static float bfloat16ToFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** Rounds to bfloat16, ties to even; every NaN becomes the quiet NaN 0x7fc0, as in torch. */
  public static short floatToBfloat16(float value) {
    if (Float.isNaN(value)) {
      return 0x7fc0;
    }
    int bits = Float.floatToRawIntBits(value);
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }
}
