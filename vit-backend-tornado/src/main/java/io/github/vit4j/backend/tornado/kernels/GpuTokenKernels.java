package io.github.vit4j.backend.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;

/**
 * What {@link TokenKernels} does, for GPUs under TornadoVM: a thread for each number of the result,
 * so that neighbouring threads use neighbouring addresses. Threads beyond {@code count} do nothing.
 */
public final class GpuTokenKernels {
  /** Threads of a work-group. */
  public static final int GROUP = 64;

  private GpuTokenKernels() {}

  /**
   * See {@link TokenKernels#patches}.
   *
   * @param count patches of all images times pixels of a patch
   */
  public static void patches(
      KernelContext context,
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
      int count) {
    int index = context.globalIdx;
    if (index < count) {
      int pixelsOfPatch = channels * patchHeight * patchWidth;
      int row = index / pixelsOfPatch;
      int pixel = index - row * pixelsOfPatch;
      int image = row / (gridRows * gridColumns);
      int patch = row - image * gridRows * gridColumns;
      int patchRow = patch / gridColumns;
      int patchColumn = patch - patchRow * gridColumns;
      int channel = pixel / (patchHeight * patchWidth);
      int inPlane = pixel - channel * patchHeight * patchWidth;
      int y = inPlane / patchWidth;
      int x = inPlane - y * patchWidth;
      int line = (image * channels + channel) * height + patchRow * patchHeight + y;
      patches[row * stride + pixel] = pixels[line * width + patchColumn * patchWidth + x];
    }
  }

  /**
   * See {@link TokenKernels#embeddings}.
   *
   * @param count tokens of all images times {@code width}
   */
  public static void embeddings(
      KernelContext context,
      float[] projected,
      float[] mask,
      float[] maskToken,
      float[] positions,
      float[] y,
      int masked,
      int tokens,
      int width,
      int stride,
      int count) {
    int index = context.globalIdx;
    if (index < count) {
      int row = index / width;
      int i = index - row * width;
      int image = row / tokens;
      int token = row - image * tokens;
      int patch = row - image - 1;
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

  /**
   * See {@link TokenKernels#firstTokens}.
   *
   * @param count images times {@code width}
   */
  public static void firstTokens(
      KernelContext context, float[] x, float[] y, int tokens, int width, int stride, int count) {
    int index = context.globalIdx;
    if (index < count) {
      int row = index / width;
      int i = index - row * width;
      y[row * stride + i] = x[row * tokens * stride + i];
    }
  }

  /**
   * See {@link TokenKernels#pixelShuffle}.
   *
   * @param count numbers of all images
   */
  public static void pixelShuffle(
      KernelContext context,
      float[] decoded,
      float[] pixels,
      int channels,
      int tokens,
      int grid,
      int upscale,
      int stride,
      int count) {
    int index = context.globalIdx;
    if (index < count) {
      int side = grid * upscale;
      int line = index / side;
      int column = index - line * side;
      int plane = line / side;
      int row = line - plane * side;
      int image = plane / channels;
      int channel = plane - image * channels;
      int patchRow = row / upscale;
      int patchColumn = column / upscale;
      int y = row - patchRow * upscale;
      int x = column - patchColumn * upscale;
      int token = image * tokens + 1 + patchRow * grid + patchColumn;
      pixels[index] = decoded[token * stride + (channel * upscale + y) * upscale + x];
    }
  }

  /**
   * See {@link TokenKernels#layerNorm}: a work-group of {@link #GROUP} threads for each row, which
   * adds up in local memory.
   */
  public static void layerNorm(
      KernelContext context,
      float[] x,
      float[] weight,
      float[] bias,
      float[] y,
      int step,
      int width,
      int stride,
      float epsilon) {
    int thread = context.localIdx;
    int source = context.groupIdx * step * stride;
    int target = context.groupIdx * stride;
    float[] sums = context.allocateFloatLocalArray(GROUP);
    float sum = 0f;
    for (int i = thread; i < width; i += GROUP) {
      sum += x[source + i];
    }
    sums[thread] = sum;
    for (int half = GROUP / 2; half > 0; half = half / 2) {
      context.localBarrier();
      if (thread < half) {
        sums[thread] += sums[thread + half];
      }
    }
    context.localBarrier();
    float mean = sums[0] / width;
    context.localBarrier();
    float squares = 0f;
    for (int i = thread; i < width; i += GROUP) {
      float difference = x[source + i] - mean;
      squares += difference * difference;
    }
    sums[thread] = squares;
    for (int half = GROUP / 2; half > 0; half = half / 2) {
      context.localBarrier();
      if (thread < half) {
        sums[thread] += sums[thread + half];
      }
    }
    context.localBarrier();
    float scale = 1f / Elementary.sqrt(sums[0] / width + epsilon);
    for (int i = thread; i < width; i += GROUP) {
      y[target + i] = (x[source + i] - mean) * scale * weight[i] + bias[i];
    }
  }
}
