package io.github.vit4j.backend.djl;

import io.github.vit4j.spi.Precision;

/**
 * What the matrix products of a script compute in.
 *
 * @param dtype torch's number of the element type
 * @param packed whether the weights of linear layers are reordered once, as oneDNN wants them on a
 *     processor with bfloat16 instructions
 */
record Arithmetic(int dtype, boolean packed) {
  static final int FLOAT16 = 5;
  static final int FLOAT32 = 6;
  static final int BFLOAT16 = 15;

  static Arithmetic of(Precision precision) {
    return switch (precision) {
      case FP32 -> new Arithmetic(FLOAT32, false);
      case FP16 -> new Arithmetic(FLOAT16, false);
      case BF16 -> new Arithmetic(BFLOAT16, true);
      case INT8 -> throw new IllegalArgumentException("not an arithmetic of this backend");
    };
  }
}
