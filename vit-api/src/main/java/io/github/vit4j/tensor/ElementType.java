package io.github.vit4j.tensor;

import java.util.Locale;
import java.util.Optional;

/**
 * The type of a tensor's elements. Names of safetensors in {@link #safetensorsName()}, of NumPy and
 * torch otherwise.
 */
public enum ElementType {
  FLOAT64("F64", 8),
  FLOAT32("F32", 4),
  FLOAT16("F16", 2),
  BFLOAT16("BF16", 2),
  INT64("I64", 8),
  INT32("I32", 4),
  INT16("I16", 2),
  INT8("I8", 1),
  UINT8("U8", 1),
  BOOL("BOOL", 1);

  private final String safetensorsName;
  private final int byteSize;

  ElementType(String safetensorsName, int byteSize) {
    this.safetensorsName = safetensorsName;
    this.byteSize = byteSize;
  }

  /** Bytes per element. */
  public int byteSize() {
    return byteSize;
  }

  /** The name in a safetensors header, for example {@code "BF16"}. */
  public String safetensorsName() {
    return safetensorsName;
  }

  /** Whether this is one of the floating-point types. */
  public boolean isFloatingPoint() {
    return this == FLOAT64 || this == FLOAT32 || this == FLOAT16 || this == BFLOAT16;
  }

  /** The type of that name in a safetensors header; empty when it is not one of these. */
  public static Optional<ElementType> ofSafetensorsName(String name) {
    for (ElementType type : values()) {
      if (type.safetensorsName.equals(name)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /** The name that torch and NumPy use, for example {@code "bfloat16"}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
