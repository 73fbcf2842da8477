package io.github.vit4j.backend.tornado;

import org.jspecify.annotations.Nullable;

/**
 * One call of a kernel in a forward pass. The parameters are those of the kernel that is named;
 * {@code rows} is how many rows it computes in all, images together.
 */
sealed interface Step {
  /** {@code TokenKernels.patches}. */
  record Patches(
      Buffer pixels,
      Buffer patches,
      int channels,
      int height,
      int width,
      int patchHeight,
      int patchWidth,
      int gridRows,
      int gridColumns,
      int stride,
      int rows)
      implements Step {}

  /**
   * {@code TokenKernels.embeddings}.
   *
   * @param mask null where nothing is masked
   * @param maskToken empty where nothing is masked
   */
  @SuppressWarnings("ArrayRecordComponent") // read by kernels, never compared
  record Embeddings(
      Buffer projected,
      @Nullable Buffer mask,
      float[] maskToken,
      float[] positions,
      Buffer y,
      int tokens,
      int width,
      int stride,
      int rows)
      implements Step {}

  /** {@code TokenKernels.layerNorm}. */
  record LayerNorm(
      Buffer x,
      NormWeights weights,
      Buffer y,
      int step,
      int width,
      int stride,
      float epsilon,
      int rows)
      implements Step {}

  /**
   * {@code MatrixKernels.linear}. Rows of {@code y} are {@code stride} apart; panels {@code
   * firstPanel} and on are computed, and written to their own columns.
   *
   * @param residual may be {@code y} itself
   * @param activation {@code ActivationKernels.LINEAR} where there is a residual
   */
  record Linear(
      Buffer x,
      int xStride,
      LinearWeights weights,
      int firstPanel,
      int panels,
      @Nullable Buffer residual,
      int activation,
      Buffer y,
      int stride,
      int rows)
      implements Step {}

  /**
   * {@code AttentionKernels.attention}.
   *
   * @param query {@code keyValue} itself where every token asks
   * @param probabilities null where nobody wants them; a device that needs room for them has one
   *     buffer for all steps
   */
  record Attention(
      Buffer query,
      Buffer keyValue,
      @Nullable Buffer probabilities,
      Buffer context,
      int queryStride,
      int stride,
      int images,
      int queries,
      int tokens,
      int heads,
      int headSize,
      float scale)
      implements Step {
    /** Rows of the probabilities. */
    int rows() {
      return images * heads * queries;
    }
  }

  /** {@code TokenKernels.firstTokens}. */
  record FirstTokens(Buffer x, Buffer y, int tokens, int width, int stride, int rows)
      implements Step {}

  /** {@code TokenKernels.pixelShuffle}. */
  record PixelShuffle(
      Buffer decoded,
      Buffer pixels,
      int channels,
      int tokens,
      int grid,
      int upscale,
      int stride,
      int rows)
      implements Step {}
}
