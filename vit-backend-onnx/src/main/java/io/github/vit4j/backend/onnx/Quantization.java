package io.github.vit4j.backend.onnx;

import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A weight matrix in 8 bits: every row [in] of a weight [out, in], which belongs to one output, has
 * its own scale max|w| / 127, and its numbers are w / scale rounded to the nearest integer, halves
 * to the even one: -127 to 127.
 *
 * <p>A row of zeros, or of numbers so small that their scale would be, gets the smallest normal
 * number as scale, so nothing is divided by zero. A row with a number that is not finite has a
 * scale that is not finite either, so that the output that it belongs to is not finite.
 *
 * @param values int8 [in, out]: the transpose, as ONNX's matrix products take it
 * @param scales float32 [out]
 */
record Quantization(Tensor values, Tensor scales) {
  /** To either side of zero. */
  static final int STEPS = 127;

  static final float SMALLEST_SCALE = Float.MIN_NORMAL;

  /** Rows that are transposed together: a line of the cache of bytes. */
  private static final int BLOCK = 64;

  /**
   * Rounds a weight.
   *
   * @param arena for the result
   * @param weight float32 [out, in], in native memory
   */
  static Quantization of(Arena arena, Tensor weight) {
    int out = Math.toIntExact(weight.shape()[0]);
    int in = Math.toIntExact(weight.shape()[1]);
    Tensor values = Tensor.allocate(arena, ElementType.INT8, in, out);
    Tensor scales = Tensor.allocate(arena, ElementType.FLOAT32, out);
    float[] row = new float[in];
    byte[] block = new byte[Math.multiplyExact(BLOCK, in)];
    byte[] column = new byte[BLOCK];
    for (int first = 0; first < out; first += BLOCK) {
      int rows = Math.min(BLOCK, out - first);
      for (int r = 0; r < rows; r++) {
        long offset = (long) (first + r) * in * Float.BYTES;
        MemorySegment.copy(weight.data(), ValueLayout.JAVA_FLOAT_UNALIGNED, offset, row, 0, in);
        scales.setFloat(first + r, quantize(row, block, r * in));
      }
      for (int k = 0; k < in; k++) {
        for (int r = 0; r < rows; r++) {
          column[r] = block[r * in + k];
        }
        MemorySegment.copy(
            column, 0, values.data(), ValueLayout.JAVA_BYTE, (long) k * out + first, rows);
      }
    }
    return new Quantization(values, scales);
  }

  /** Rounds a row, and returns its scale. */
  private static float quantize(float[] row, byte[] target, int offset) {
    float magnitude = 0;
    for (float value : row) {
      magnitude = Math.max(magnitude, Math.abs(value));
    }
    float scale = Math.max(magnitude / STEPS, SMALLEST_SCALE);
    for (int i = 0; i < row.length; i++) {
      target[offset + i] = (byte) Math.rint(row[i] / scale);
    }
    return scale;
  }
}
