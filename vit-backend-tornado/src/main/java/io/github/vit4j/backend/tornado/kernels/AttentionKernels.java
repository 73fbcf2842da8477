package io.github.vit4j.backend.tornado.kernels;

import uk.ac.manchester.tornado.api.annotations.Parallel;

/**
 * Attention for processors under TornadoVM. A row of the result is the context of one query of one
 * head of one image; rows are counted query by query, then head by head, then image by image.
 */
public final class AttentionKernels {
  private AttentionKernels() {}

  /**
   * context = softmax(scale q k) v, with all attention weights left in {@code probabilities}.
   *
   * @param query rows of queries, {@code queryStride} apart; a head's lie at {@code head *
   *     headSize}
   * @param keyValue one row per token of every image, {@code 3 * stride} apart: room for queries,
   *     then keys at {@code stride}, then values at {@code 2 * stride}
   * @param probabilities [images, heads, queries, tokens], without padding: the attention weights
   * @param context result, one row per query of every image, {@code stride} apart
   * @param queryStride the distance between the queries of neighbouring tokens
   * @param queries queries per image: all tokens, or the first one only
   * @param from the first row of {@code probabilities}
   * @param to the row behind the last
   */
  public static void attention(
      float[] query,
      float[] keyValue,
      float[] probabilities,
      float[] context,
      int queryStride,
      int stride,
      int queries,
      int tokens,
      int heads,
      int headSize,
      float scale,
      int from,
      int to) {
    for (@Parallel int index = 0; index < to - from; index++) {
      int row = from + index;
      int imageHead = row / queries;
      int image = imageHead / heads;
      int head = imageHead - image * heads;
      int line = image * queries + row - imageHead * queries;
      int q = line * queryStride + head * headSize;
      int keyStride = 3 * stride;
      int key = image * tokens * keyStride + stride + head * headSize;
      int p = row * tokens;

      float largest = -3.4028235e38f;
      for (int token = 0; token < tokens; token++) {
        float score = 0f;
        for (int i = 0; i < headSize; i++) {
          score += query[q + i] * keyValue[key + i];
        }
        key += keyStride;
        score = score * scale;
        probabilities[p + token] = score;
        largest = score > largest ? score : largest;
      }
      float sum = 0f;
      for (int token = 0; token < tokens; token++) {
        float e = Elementary.exp(probabilities[p + token] - largest);
        probabilities[p + token] = e;
        sum += e;
      }
      float share = 1f / sum;
      for (int token = 0; token < tokens; token++) {
        probabilities[p + token] = probabilities[p + token] * share;
      }

      int target = line * stride + head * headSize;
      int values = image * tokens * keyStride + 2 * stride + head * headSize;
      int whole = headSize / 4 * 4;
      for (int i = 0; i < whole; i += 4) {
        float s0 = 0f;
        float s1 = 0f;
        float s2 = 0f;
        float s3 = 0f;
        int value = values + i;
        for (int token = 0; token < tokens; token++) {
          float weight = probabilities[p + token];
          s0 += weight * keyValue[value];
          s1 += weight * keyValue[value + 1];
          s2 += weight * keyValue[value + 2];
          s3 += weight * keyValue[value + 3];
          value += keyStride;
        }
        context[target + i] = s0;
        context[target + i + 1] = s1;
        context[target + i + 2] = s2;
        context[target + i + 3] = s3;
      }
      for (int i = whole; i < headSize; i++) {
        float s = 0f;
        int value = values + i;
        for (int token = 0; token < tokens; token++) {
          s += probabilities[p + token] * keyValue[value];
          value += keyStride;
        }
        context[target + i] = s;
      }
    }
  }
}
