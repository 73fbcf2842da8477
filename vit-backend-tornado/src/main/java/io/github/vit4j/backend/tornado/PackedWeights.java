package io.github.vit4j.backend.tornado;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a model as kernels read them. Nothing changes them once they are loaded.
 *
 * @param patches the projection of patches
 * @param maskToken null where the model has none
 * @param norm the final layer normalisation
 * @param head classifier, pooler or decoder; null where the model has none
 */
@SuppressWarnings("ArrayRecordComponent") // read by kernels, never compared
record PackedWeights(
    LinearWeights patches,
    float @Nullable [] maskToken,
    List<Layer> layers,
    NormWeights norm,
    @Nullable LinearWeights head) {
  /**
   * An encoder layer.
   *
   * @param queryKeyValue three layers in one: panels of queries, of keys and of values, each with
   *     its own padding
   */
  record Layer(
      NormWeights normBefore,
      LinearWeights queryKeyValue,
      LinearWeights attentionOutput,
      NormWeights normAfter,
      LinearWeights intermediate,
      LinearWeights output) {}
}
