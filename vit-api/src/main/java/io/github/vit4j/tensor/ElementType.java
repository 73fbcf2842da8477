package io.github.vit4j.tensor;

import java.util.Locale;
import java.util.Optional;

/**
 * The type of a tensor's elements. Names of safetensors in {@link #safetensorsName()}, of NumPy and
 * torch otherwise.
 */
public enum ElementType {
  /** IEEE double precision. */
  FLOAT64("F64", 8),
  /** IEEE single precision. */
  FLOAT32("F32", 4),
  /** IEEE half precision: 1 sign, 5 exponent and 10 fraction bits. */
  FLOAT16("F16", 2),
  /** The upper half of single precision: 1 sign, 8 exponent and 7 fraction bits. */
  BFLOAT16("BF16", 2),
  /** Signed 64-bit integers. */
  INT64("I64", 8),
  /** Signed 32-bit integers. */
  INT32("I32", 4),
  /** Signed 16-bit integers. */
  INT16("I16", 2),
  /** Signed 8-bit integers. */
  INT8("I8", 1),
  /** Unsigned 8-bit integers, 0 to 255. */
  UINT8("U8", 1),
  /** Truth values of one byte each: 0 is false, anything else true. */
  BOOL("BOOL", 1);

  private final String safetensorsName;
  private final int byteSize;

  ElementType(String safetensorsName, int byteSize) {
    this.safetensorsName = safetensorsName;
    this.byteSize = byteSize;
  }

  /** {@return the bytes per element} */
  public int byteSize() {
    return byteSize;
  }

  /** {@return the name in a safetensors header, for example {@code "BF16"}} */
  public String safetensorsName() {
    return safetensorsName;
  }

  /** {@return whether this is one of the floating-point types} */
  public boolean isFloatingPoint() {
    return this == FLOAT64 || this == FLOAT32 || this == FLOAT16 || this == BFLOAT16;
  }

  /**
   * {@return the type of that name in a safetensors header; empty when it is not one of these}
   *
   * @param name in upper case, as headers have it, for example {@code "F32"}
   */
  public static Optional<ElementType> ofSafetensorsName(String name) {
    for (ElementType type : values()) {
      if (type.safetensorsName.equals(name)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /** {@return the name that torch and NumPy use, for example {@code "bfloat16"}} */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
