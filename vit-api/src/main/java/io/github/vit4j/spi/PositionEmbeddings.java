package io.github.vit4j.spi;

import io.github.vit4j.config.ImageSize;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Position embeddings for images of another size than the configured one, for engines that have no
 * operator of their own with these numbers.
 *
 * <p>The arithmetic is that of {@code interpolate_pos_encoding} in {@code
 * transformers/models/vit/modeling_vit.py}, which is torch's {@code upsample_bicubic2d} without
 * {@code align_corners} and without antialiasing ({@code aten/src/ATen/native/UpSample.h}): cubic
 * convolution with a = -0.75 (R. Keys, "Cubic Convolution Interpolation for Digital Image
 * Processing", 1981), edges repeated, float32 throughout. Positions and kernel use fused
 * multiply-add because the compiler that builds torch does; the kernel's terms cancel, so without
 * it the results differ by four times as much.
 */
public final class PositionEmbeddings {
  private static final float A = -0.75f;
  private static final int TAPS = 4;

  private PositionEmbeddings() {}

  /**
   * Interpolates the patch positions to the grid of patches that {@code image} has; the position of
   * the CLS token is kept as it is.
   *
   * @param config tells the size of a patch
   * @param positionEmbeddings [1, 1 + patches, hidden size], of a floating-point type; the patches
   *     are taken as a square grid, as HuggingFace does
   * @param image height and width in pixels; what does not fill a patch is ignored
   * @return float32 [1, 1 + rows * columns, hidden size], the patches row by row
   * @throws InvalidInputException if the number of patches is not a square, or if {@code image} is
   *     smaller than a patch
   * @throws IllegalArgumentException if {@code positionEmbeddings} have another rank, or no patch
   */
  public static Tensor interpolate(ViTConfig config, Tensor positionEmbeddings, ImageSize image) {
    if (positionEmbeddings.rank() != 3
        || positionEmbeddings.dimension(0) != 1
        || positionEmbeddings.dimension(1) < 2) {
      throw new IllegalArgumentException(
          "position embeddings must be [1, 1 + patches, hidden size], got " + positionEmbeddings);
    }
    int hidden = Math.toIntExact(positionEmbeddings.dimension(2));
    int patches = Math.toIntExact(positionEmbeddings.dimension(1) - 1);
    int side = (int) Math.sqrt(patches);
    if (side * side != patches) {
      throw new InvalidInputException(
          "position embeddings can only be interpolated from a square grid, this model has %d patches"
              .formatted(patches));
    }
    int rows = image.height() / config.patchSize().height();
    int columns = image.width() / config.patchSize().width();
    if (rows < 1 || columns < 1) {
      throw new InvalidInputException(
          "an image of %s is smaller than a patch of %s".formatted(image, config.patchSize()));
    }
    float[] source = positionEmbeddings.toFloatArray();
    Taps down = Taps.of(side, rows);
    Taps across = Taps.of(side, columns);

    Tensor result =
        Tensor.allocate(
            ElementType.FLOAT32, 1, Math.addExact(1L, Math.multiplyFull(rows, columns)), hidden);
    MemorySegment target = result.data();
    MemorySegment.copy(source, 0, target, ValueLayout.JAVA_FLOAT, 0, hidden);
    float[] token = new float[hidden];
    float[] line = new float[hidden];
    long offset = (long) hidden * Float.BYTES;
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        for (int i = 0; i < TAPS; i++) {
          int sourceRow = down.index[row * TAPS + i];
          for (int j = 0; j < TAPS; j++) {
            int from = (1 + sourceRow * side + across.index[column * TAPS + j]) * hidden;
            addTap(line, source, from, across.weight[column * TAPS + j], j == 0);
          }
          addTap(token, line, 0, down.weight[row * TAPS + i], i == 0);
        }
        MemorySegment.copy(token, 0, target, ValueLayout.JAVA_FLOAT, offset, hidden);
        offset += (long) hidden * Float.BYTES;
      }
    }
    return result;
  }

  private static void addTap(float[] sum, float[] source, int from, float weight, boolean first) {
    if (first) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] = source[from + i] * weight;
      }
    } else {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += source[from + i] * weight;
      }
    }
  }

  /** Which four source positions each target position is made of, and with which weights. */
  @SuppressWarnings("ArrayRecordComponent") // local, never compared
  private record Taps(int[] index, float[] weight) {
    static Taps of(int sourceSize, int targetSize) {
      int[] index = new int[targetSize * TAPS];
      float[] weight = new float[targetSize * TAPS];
      float scale = (float) sourceSize / targetSize;
      for (int target = 0; target < targetSize; target++) {
        float position = Math.fma(scale, target + 0.5f, -0.5f);
        int base = Math.min((int) Math.floor(position), sourceSize - 1);
        float t = Math.clamp(position - base, 0f, 1f);
        for (int tap = 0; tap < TAPS; tap++) {
          index[target * TAPS + tap] = Math.clamp(base - 1 + tap, 0, sourceSize - 1);
        }
        weight[target * TAPS] = outer(t + 1);
        weight[target * TAPS + 1] = inner(t);
        weight[target * TAPS + 2] = inner(1 - t);
        weight[target * TAPS + 3] = outer(2 - t);
      }
      return new Taps(index, weight);
    }

    /** Keys' kernel for distances from 0 to 1. */
    private static float inner(float x) {
      return Math.fma(Math.fma(A + 2, x, -(A + 3)) * x, x, 1);
    }

    /** Keys' kernel for distances from 1 to 2. */
    private static float outer(float x) {
      return Math.fma(Math.fma(Math.fma(A, x, -5 * A), x, 8 * A), x, -4 * A);
    }
  }
}
