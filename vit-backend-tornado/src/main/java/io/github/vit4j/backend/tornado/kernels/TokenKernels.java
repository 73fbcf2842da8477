package io.github.vit4j.backend.tornado.kernels;

import uk.ac.manchester.tornado.api.annotations.Parallel;

/**
 * What happens to rows of tokens besides matrix products and attention. Every kernel works on the
 * rows {@code from} to {@code to - 1} of its result; matrices lie as {@link Layout} says. TornadoVM
 * takes parallel loops that start at the number 0 and end at an expression, not at a parameter.
 */
public final class TokenKernels {
  private TokenKernels() {}

  /**
   * The pixels of each patch as a row, in the order of the projection's kernel: channel, y, x.
   *
   * @param pixels [images, channels, height, width]
   * @param patches result, one row per patch of every image, {@code stride} apart
   */
  public static void patches(
      float[] pixels,
      float[] patches,
      int channels,
      int height,
      int width,
      int patchHeight,
      int patchWidth,
      int gridRows,
      int gridColumns,
      int stride,
      int from,
      int to) {
    for (@Parallel int index = 0; index < to - from; index++) {
      int row = from + index;
      int image = row / (gridRows * gridColumns);
      int patch = row - image * gridRows * gridColumns;
      int top = patch / gridColumns * patchHeight;
      int left = (patch - patch / gridColumns * gridColumns) * patchWidth;
      int target = row * stride;
      for (int channel = 0; channel < channels; channel++) {
        for (int y = 0; y < patchHeight; y++) {
          int source = ((image * channels + channel) * height + top + y) * width + left;
          for (int x = 0; x < patchWidth; x++) {
            patches[target + x] = pixels[source + x];
          }
          target += patchWidth;
        }
      }
    }
  }

  /**
   * The input of the first layer: the patches, or the mask token where they are masked, behind the
   * CLS token, plus positions.
   *
   * @param projected one row per patch of every image
   * @param mask one number per patch of every image, not 0 where it is masked; not read unless
   *     {@code masked}
   * @param maskToken not read unless {@code masked}
   * @param positions one row per token, the first with the CLS token added to it
   * @param y result, one row per token of every image
   * @param masked 1 if there is a mask, else 0
   */
  public static void embeddings(
      float[] projected,
      float[] mask,
      float[] maskToken,
      float[] positions,
      float[] y,
      int masked,
      int tokens,
      int width,
      int stride,
      int from,
      int to) {
    for (@Parallel int index = 0; index < to - from; index++) {
      int row = from + index;
      int image = row / tokens;
      int token = row - image * tokens;
      int patch = row - image - 1;
      for (int i = 0; i < width; i++) {
        float value = 0f;
        if (token > 0) {
          value = projected[patch * stride + i];
          if (masked == 1) {
            if (mask[patch] != 0f) {
              value = maskToken[i];
            }
          }
        }
        y[row * stride + i] = value + positions[token * stride + i];
      }
    }
  }

  /**
   * Layer normalisation (J. L. Ba et al., 2016), of row {@code row * step} of {@code x} into row
   * {@code row} of {@code y}. The variance is that of the differences to the mean, as torch has it:
   * the mean of squares minus the squared mean would lose all digits of a row with a large mean.
   */
  public static void layerNorm(
      float[] x,
      float[] weight,
      float[] bias,
      float[] y,
      int step,
      int width,
      int stride,
      float epsilon,
      int from,
      int to) {
    for (@Parallel int index = 0; index < to - from; index++) {
      int row = from + index;
      int source = row * step * stride;
      int target = row * stride;
      // Four sums: an addition need not wait for the one before.
      float s0 = 0f;
      float s1 = 0f;
      float s2 = 0f;
      float s3 = 0f;
      int whole = width / 4 * 4;
      for (int i = 0; i < whole; i += 4) {
        s0 += x[source + i];
        s1 += x[source + i + 1];
        s2 += x[source + i + 2];
        s3 += x[source + i + 3];
      }
      for (int i = whole; i < width; i++) {
        s0 += x[source + i];
      }
      float mean = ((s0 + s1) + (s2 + s3)) / width;
      s0 = 0f;
      s1 = 0f;
      s2 = 0f;
      s3 = 0f;
      for (int i = 0; i < whole; i += 4) {
        float d0 = x[source + i] - mean;
        float d1 = x[source + i + 1] - mean;
        float d2 = x[source + i + 2] - mean;
        float d3 = x[source + i + 3] - mean;
        s0 += d0 * d0;
        s1 += d1 * d1;
        s2 += d2 * d2;
        s3 += d3 * d3;
      }
      for (int i = whole; i < width; i++) {
        float d = x[source + i] - mean;
        s0 += d * d;
      }
      float scale = 1f / Elementary.sqrt(((s0 + s1) + (s2 + s3)) / width + epsilon);
      for (int i = 0; i < width; i++) {
        y[target + i] = (x[source + i] - mean) * scale * weight[i] + bias[i];
      }
    }
  }

  /** The first token of every image: row {@code row * tokens} of {@code x} as row {@code row}. */
  public static void firstTokens(
      float[] x, float[] y, int tokens, int width, int stride, int from, int to) {
    for (@Parallel int index = 0; index < to - from; index++) {
      int row = from + index;
      for (int i = 0; i < width; i++) {
        y[row * stride + i] = x[row * tokens * stride + i];
      }
    }
  }

  /**
   * {@code torch.nn.PixelShuffle} on the patches of every image, which are taken as a square.
   *
   * @param decoded one row per token, of which the CLS token's is passed over: channel, y, x within
   *     the patch
   * @param pixels result, [images, channels, side, side] without padding; a row is one line of one
   *     channel of one image
   * @param grid patches in a line
   * @param upscale pixels of a patch in a line
   */
  public static void pixelShuffle(
      float[] decoded,
      float[] pixels,
      int channels,
      int tokens,
      int grid,
      int upscale,
      int stride,
      int from,
      int to) {
    for (@Parallel int index = 0; index < to - from; index++) {
      int row = from + index;
      int side = grid * upscale;
      int plane = row / side;
      int y = row - plane * side;
      int image = plane / channels;
      int channel = plane - image * channels;
      int patchRow = y / upscale;
      int first = (channel * upscale + y - patchRow * upscale) * upscale;
      for (int patchColumn = 0; patchColumn < grid; patchColumn++) {
        int token = image * tokens + 1 + patchRow * grid + patchColumn;
        for (int x = 0; x < upscale; x++) {
          pixels[row * side + patchColumn * upscale + x] = decoded[token * stride + first + x];
        }
      }
    }
  }
}
