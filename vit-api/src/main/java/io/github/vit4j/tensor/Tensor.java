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

  /**
   * {@return a new tensor of zeros, whose memory the garbage collector releases}
   *
   * @param elementType the type of the elements
   * @param shape the dimensions, outermost first; none for a scalar
   * @throws IllegalArgumentException if a dimension is negative or the tensor is too large to
   *     address
   */
  public static Tensor allocate(ElementType elementType, long... shape) {
    return allocate(Arena.ofAuto(), elementType, shape);
  }

  /**
   * {@return a new tensor of zeros in memory from {@code arena}, whose closing releases it}
   *
   * @param arena where the memory comes from
   * @param elementType the type of the elements
   * @param shape the dimensions, outermost first; none for a scalar
   * @throws IllegalArgumentException if a dimension is negative or the tensor is too large to
   *     address
   */
  public static Tensor allocate(Arena arena, ElementType elementType, long... shape) {
    long byteSize = byteSize(elementType, shape);
    // A byte at least: engines reject the null address that an empty segment may have.
    MemorySegment data = arena.allocate(Math.max(byteSize, 1), ALIGNMENT);
    return new Tensor(elementType, shape.clone(), data.asSlice(0, byteSize));
  }

  /**
   * {@return a view of {@code data} as a tensor, without a copy}
   *
   * @param data exactly as many bytes as the shape needs, row-major and little-endian
   * @param elementType the type of the elements
   * @param shape the dimensions, outermost first; none for a scalar
   * @throws IllegalArgumentException if the shape needs another number of bytes, or a dimension is
   *     negative
   */
  public static Tensor of(MemorySegment data, ElementType elementType, long... shape) {
    return new Tensor(elementType, shape.clone(), data);
  }

  /**
   * {@return a float32 tensor with a copy of {@code values}}
   *
   * @param values the elements, row-major
   * @param shape the dimensions, outermost first; none for a scalar
   * @throws IllegalArgumentException if the shape has another number of elements
   */
  public static Tensor of(float[] values, long... shape) {
    Tensor tensor = checkedAllocate(ElementType.FLOAT32, values.length, shape);
    MemorySegment.copy(values, 0, tensor.data, FLOAT, 0, values.length);
    return tensor;
  }

  /**
   * {@return a float64 tensor with a copy of {@code values}}
   *
   * @param values the elements, row-major
   * @param shape the dimensions, outermost first; none for a scalar
   * @throws IllegalArgumentException if the shape has another number of elements
   */
  public static Tensor of(double[] values, long... shape) {
    Tensor tensor = checkedAllocate(ElementType.FLOAT64, values.length, shape);
    MemorySegment.copy(values, 0, tensor.data, DOUBLE, 0, values.length);
    return tensor;
  }

  /**
   * {@return an int64 tensor with a copy of {@code values}}
   *
   * @param values the elements, row-major
   * @param shape the dimensions, outermost first; none for a scalar
   * @throws IllegalArgumentException if the shape has another number of elements
   */
  public static Tensor of(long[] values, long... shape) {
    Tensor tensor = checkedAllocate(ElementType.INT64, values.length, shape);
    MemorySegment.copy(values, 0, tensor.data, LONG, 0, values.length);
    return tensor;
  }

  /**
   * {@return a bool tensor with a copy of {@code values}, one byte an element}
   *
   * @param values the elements, row-major
   * @param shape the dimensions, outermost first; none for a scalar
   * @throws IllegalArgumentException if the shape has another number of elements
   */
  public static Tensor of(boolean[] values, long... shape) {
    Tensor tensor = checkedAllocate(ElementType.BOOL, values.length, shape);
    for (int i = 0; i < values.length; i++) {
      tensor.data.set(ValueLayout.JAVA_BYTE, i, (byte) (values[i] ? 1 : 0));
    }
    return tensor;
  }

  /**
   * {@return a float32 tensor of rank 0}
   *
   * @param value its only element
   */
  public static Tensor scalar(float value) {
    return of(new float[] {value});
  }

  /**
   * Copies tensors of one shape and type into one tensor with a new first dimension.
   *
   * @param tensors at least one
   * @return a tensor of the same type and one rank more, whose entry {@code i} is the {@code i}-th
   *     of {@code tensors}; the garbage collector releases its memory
   * @throws IllegalArgumentException if there are none, or if shapes or types differ
   */
  public static Tensor stack(List<Tensor> tensors) {
    return stack(Arena.ofAuto(), tensors);
  }

  /**
   * {@link #stack(List)}, into memory from {@code arena}.
   *
   * @param arena where the memory comes from; closing it releases the result
   * @param tensors at least one, all of one shape and type
   * @return a tensor of the same type and one rank more, whose entry {@code i} is the {@code i}-th
   *     of {@code tensors}
   * @throws IllegalArgumentException if there are none, or if shapes or types differ
   */
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

  /** {@return the type of the elements} */
  public ElementType elementType() {
    return elementType;
  }

  /** {@return a copy of the dimensions, outermost first; empty for a scalar} */
  public long[] shape() {
    return shape.clone();
  }

  /** {@return how many dimensions there are; 0 for a scalar} */
  public int rank() {
    return shape.length;
  }

  /**
   * {@return the size of one dimension}
   *
   * @param axis from 0, the outermost, to rank - 1; negative axes count from the end
   * @throws ArrayIndexOutOfBoundsException if there is no such axis
   */
  public long dimension(int axis) {
    return shape[axis < 0 ? axis + shape.length : axis];
  }

  /**
   * {@return whether the dimensions are exactly these}
   *
   * @param expected the dimensions, outermost first
   */
  public boolean hasShape(long... expected) {
    return Arrays.equals(shape, expected);
  }

  /** {@return the product of the dimensions; 1 for a scalar} */
  public long elementCount() {
    return elementCount;
  }

  /**
   * {@return the memory itself, {@code elementCount * elementType.byteSize()} bytes; not a copy}
   */
  public MemorySegment data() {
    return data;
  }

  /**
   * {@return one element as a float; bool gives its byte, 0 or 1 in torch's tensors; float64 and
   * integers are rounded}
   *
   * @param index of the element, row-major
   * @throws IndexOutOfBoundsException if there is no such element
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

  /**
   * {@return one element as a double; bool gives its byte, 0 or 1 in torch's tensors}
   *
   * @param index of the element, row-major
   * @throws IndexOutOfBoundsException if there is no such element
   */
  public double getDouble(long index) {
    return switch (elementType) {
      case FLOAT64 -> data.get(DOUBLE, index * 8);
      case FLOAT32, FLOAT16, BFLOAT16 -> getFloat(index);
      case INT64, INT32, INT16, INT8, UINT8, BOOL -> getLong(index);
    };
  }

  /**
   * {@return one element of an integer or bool tensor; bool gives its byte, 0 or 1 in torch's
   * tensors}
   *
   * @param index of the element, row-major
   * @throws IllegalStateException if the elements are floating-point numbers
   * @throws IndexOutOfBoundsException if there is no such element
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

  /**
   * {@return one element as a truth value: anything but zero is true}
   *
   * @param index of the element, row-major
   * @throws IndexOutOfBoundsException if there is no such element
   */
  public boolean getBoolean(long index) {
    return elementType.isFloatingPoint() ? getFloat(index) != 0 : getLong(index) != 0;
  }

  /**
   * Sets one element, rounding to the nearest value of the element type, ties to even.
   *
   * @param index of the element, row-major
   * @param value the number before rounding
   * @throws IllegalStateException if the elements are not floating-point numbers
   * @throws IndexOutOfBoundsException if there is no such element
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

  /**
   * {@return a copy of the elements as floats, row-major; converted as {@link #getFloat} does}
   *
   * @throws ArithmeticException if there are more elements than an array can hold
   */
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

  /**
   * {@return a copy of the elements as doubles, row-major}
   *
   * @throws ArithmeticException if there are more elements than an array can hold
   */
  public double[] toDoubleArray() {
    double[] values = new double[Math.toIntExact(elementCount)];
    for (int i = 0; i < values.length; i++) {
      values[i] = getDouble(i);
    }
    return values;
  }

  /**
   * {@return a copy of the elements of an integer or bool tensor, row-major}
   *
   * @throws IllegalStateException if the elements are floating-point numbers
   * @throws ArithmeticException if there are more elements than an array can hold
   */
  public long[] toLongArray() {
    long[] values = new long[Math.toIntExact(elementCount)];
    for (int i = 0; i < values.length; i++) {
      values[i] = getLong(i);
    }
    return values;
  }

  /**
   * {@return this tensor if it has that type already, else a copy converted to it by way of
   * float32, rounding to nearest, ties to even}
   *
   * @param type what to convert to; between floating-point types only
   * @throws IllegalArgumentException if the types differ and one of them is not a floating-point
   *     type
   */
  public Tensor to(ElementType type) {
    return to(Arena.ofAuto(), type);
  }

  /**
   * {@link #to(ElementType)}, into memory from {@code arena} where a copy is needed.
   *
   * @param arena where the memory of a copy comes from; closing it releases the copy
   * @param type what to convert to; between floating-point types only
   * @return this tensor if it has that type already, else the converted copy
   * @throws IllegalArgumentException if the types differ and one of them is not a floating-point
   *     type
   */
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

  /**
   * {@return the same memory under another shape}
   *
   * @param newShape of as many elements, the outermost dimension first; none for a scalar
   * @throws IllegalArgumentException if it has another number of elements
   */
  public Tensor reshape(long... newShape) {
    return new Tensor(elementType, newShape.clone(), data);
  }

  /**
   * {@return a view of one entry of the first dimension; its rank is one less}
   *
   * @param index of the entry
   * @throws IllegalStateException if this is a scalar
   * @throws IndexOutOfBoundsException if there is no such entry
   */
  public Tensor slice(long index) {
    return slice(index, 1).reshape(Arrays.copyOfRange(shape, 1, shape.length));
  }

  /**
   * {@return a view of several entries of the first dimension; the rank stays}
   *
   * @param from the first entry
   * @param length how many entries; may be 0
   * @throws IllegalStateException if this is a scalar
   * @throws IndexOutOfBoundsException if some of these entries do not exist
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

  /** {@return type and shape, for example {@code float32[1, 3, 224, 224]}} */
  @Override
  public String toString() {
    return elementType + shapeToString(shape);
  }

  /**
   * {@return dimensions as text, for example {@code [1, 3, 224, 224]}}
   *
   * @param shape the dimensions, outermost first
   */
  public static String shapeToString(long... shape) {
    return LongStream.of(shape)
        .mapToObj(Long::toString)
        .collect(Collectors.joining(", ", "[", "]"));
  }

  /**
   * {@return the product of the dimensions; 1 when there are none}
   *
   * @param shape the dimensions
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

  /**
   * {@return the float whose upper half is {@code bits}, exactly}
   *
   * @param bits a bfloat16
   */
  public static float bfloat16ToFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /**
   * {@return the bits of the nearest bfloat16, ties to even; every NaN becomes the quiet NaN
   * 0x7fc0, as in torch}
   *
   * @param value the number to round
   */
  public static short floatToBfloat16(float value) {
    if (Float.isNaN(value)) {
      return 0x7fc0;
    }
    int bits = Float.floatToRawIntBits(value);
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }
}
