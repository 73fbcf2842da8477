package io.github.vit4j.backend.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;

/**
 * Attention for GPUs under TornadoVM in one kernel: scores, softmax and weighted sum of values. A
 * work-group computes {@link #QUERIES} neighbouring queries of one head of one image, so that each
 * key and value that is read serves them all.
 */
public final class GpuAttentionKernels {
  /** Threads of a work-group. */
  public static final int GROUP = 64;

  /** Queries of a work-group. */
  public static final int QUERIES = 4;

  private GpuAttentionKernels() {}

  /** Work-groups for so many queries of so many heads of all images. */
  public static int groups(int imageHeads, int queries) {
    return Math.multiplyExact(imageHeads, Math.ceilDiv(queries, QUERIES));
  }

  /**
   * context = softmax(scale q k) v, with the parameters of {@link AttentionKernels#attention} but
   * for its tiles.
   */
  public static void attention(
      KernelContext context,
      float[] query,
      float[] keyValue,
      float[] probabilities,
      float[] result,
      int queryStride,
      int stride,
      int queries,
      int tokens,
      int heads,
      int headSize,
      float scale) {
    int thread = context.localIdx;
    int blocks = (queries + QUERIES - 1) / QUERIES;
    int imageHead = context.groupIdx / blocks;
    int first = (context.groupIdx - imageHead * blocks) * QUERIES;
    int last = queries - 1;
    int image = imageHead / heads;
    int head = imageHead - image * heads;
    int keyStride = 3 * stride;
    int keys = image * tokens * keyStride + stride + head * headSize;
    int values = keys + stride;
    int queryOfHead = image * queries * queryStride + head * headSize;
    int q0 = queryOfHead + first * queryStride;
    int q1 = queryOfHead + (first + 1 < last ? first + 1 : last) * queryStride;
    int q2 = queryOfHead + (first + 2 < last ? first + 2 : last) * queryStride;
    int q3 = queryOfHead + (first + 3 < last ? first + 3 : last) * queryStride;
    int p0 = (imageHead * queries + first) * tokens;
    float[] shared = context.allocateFloatLocalArray(GROUP);

    for (int token = thread; token < tokens; token += GROUP) {
      int key = keys + token * keyStride;
      float s0 = 0f;
      float s1 = 0f;
      float s2 = 0f;
      float s3 = 0f;
      for (int i = 0; i < headSize; i++) {
        float k = keyValue[key + i];
        s0 += query[q0 + i] * k;
        s1 += query[q1 + i] * k;
        s2 += query[q2 + i] * k;
        s3 += query[q3 + i] * k;
      }
      probabilities[p0 + token] = s0 * scale;
      if (first + 1 < queries) {
        probabilities[p0 + tokens + token] = s1 * scale;
      }
      if (first + 2 < queries) {
        probabilities[p0 + 2 * tokens + token] = s2 * scale;
      }
      if (first + 3 < queries) {
        probabilities[p0 + 3 * tokens + token] = s3 * scale;
      }
    }

    int rows = queries - first < QUERIES ? queries - first : QUERIES;
    for (int r = 0; r < rows; r++) {
      int p = p0 + r * tokens;
      float largest = -3.4028235e38f;
      for (int token = thread; token < tokens; token += GROUP) {
        float score = probabilities[p + token];
        largest = score > largest ? score : largest;
      }
      shared[thread] = largest;
      for (int half = GROUP / 2; half > 0; half = half / 2) {
        context.localBarrier();
        if (thread < half) {
          float other = shared[thread + half];
          shared[thread] = other > shared[thread] ? other : shared[thread];
        }
      }
      context.localBarrier();
      largest = shared[0];
      context.localBarrier();
      float sum = 0f;
      for (int token = thread; token < tokens; token += GROUP) {
        float e = Elementary.exp(probabilities[p + token] - largest);
        probabilities[p + token] = e;
        sum += e;
      }
      shared[thread] = sum;
      for (int half = GROUP / 2; half > 0; half = half / 2) {
        context.localBarrier();
        if (thread < half) {
          shared[thread] += shared[thread + half];
        }
      }
      context.localBarrier();
      float share = 1f / shared[0];
      for (int token = thread; token < tokens; token += GROUP) {
        probabilities[p + token] = probabilities[p + token] * share;
      }
      context.localBarrier();
    }
    context.globalBarrier();

    for (int i = thread; i < headSize; i += GROUP) {
      float s0 = 0f;
      float s1 = 0f;
      float s2 = 0f;
      float s3 = 0f;
      int value = values + i;
      int r1 = rows > 1 ? tokens : 0;
      int r2 = rows > 2 ? 2 * tokens : 0;
      int r3 = rows > 3 ? 3 * tokens : 0;
      for (int token = 0; token < tokens; token++) {
        float v = keyValue[value];
        s0 += probabilities[p0 + token] * v;
        s1 += probabilities[p0 + r1 + token] * v;
        s2 += probabilities[p0 + r2 + token] * v;
        s3 += probabilities[p0 + r3 + token] * v;
        value += keyStride;
      }
      int target = (image * queries + first) * stride + head * headSize + i;
      result[target] = s0;
      if (rows > 1) {
        result[target + stride] = s1;
      }
      if (rows > 2) {
        result[target + 2 * stride] = s2;
      }
      if (rows > 3) {
        result[target + 3 * stride] = s3;
      }
    }
  }
}
