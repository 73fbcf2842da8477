package io.github.vit4j.backend.tornado.kernels;

import uk.ac.manchester.tornado.api.annotations.Parallel;

/**
 * Attention for processors under TornadoVM, as two matrix products in the way of {@link
 * TileProduct}. A tile is some groups of four queries of one head of one image; tiles are counted
 * group by group, then head by head, then image by image.
 */
public final class AttentionKernels {
  private static final int STRIP = TileProduct.STRIP;

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
   * @param tileGroups how many groups of four queries a tile has, {@link TileProduct#MOST_GROUPS}
   *     at most
   * @param from the first tile
   * @param to the tile behind the last
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
      int tileGroups,
      int from,
      int to) {
    for (@Parallel int index = 0; index < to - from; index++) {
      int tile = from + index;
      int tilesPerHead = (queries + Layout.ROWS * tileGroups - 1) / (Layout.ROWS * tileGroups);
      int imageHead = tile / tilesPerHead;
      int firstQuery = (tile - imageHead * tilesPerHead) * Layout.ROWS * tileGroups;
      int image = imageHead / heads;
      int column = (imageHead - image * heads) * headSize;
      int left = queries - firstQuery;
      int rows = left < Layout.ROWS * tileGroups ? left : Layout.ROWS * tileGroups;
      int q = (image * queries + firstQuery) * queryStride + column;
      int keyStride = 3 * stride;
      int key = image * tokens * keyStride + stride + column;
      int p = (imageHead * queries + firstQuery) * tokens;
      int target = (image * queries + firstQuery) * stride + column;
      float[] columns = new float[TileProduct.COLUMNS];
      float[] sums = new float[TileProduct.SUMS];
      float[] largest = new float[TileProduct.MOST_GROUPS * Layout.ROWS];

      int token = 0;
      while (token < tokens) {
        TileProduct.multiply(
            query,
            q,
            queryStride,
            rows,
            keyValue,
            key + token * keyStride,
            1,
            keyStride,
            tokens - token,
            headSize,
            columns,
            sums);
        int count = tokens - token < STRIP ? tokens - token : STRIP;
        for (int row = 0; row < rows; row++) {
          float most = token == 0 ? -3.4028235e38f : largest[row];
          for (int j = 0; j < count; j++) {
            float score = sums[row * STRIP + j] * scale;
            probabilities[p + row * tokens + token + j] = score;
            most = score > most ? score : most;
          }
          largest[row] = most;
        }
        token += count;
      }

      for (int row = 0; row < rows; row++) {
        int line = p + row * tokens;
        for (int j = 0; j < STRIP; j++) {
          sums[j] = 0f;
        }
        int first = 0;
        while (first < tokens) {
          int count = tokens - first < TileProduct.COLUMNS ? tokens - first : TileProduct.COLUMNS;
          exp(probabilities, line + first, count, largest[row], columns);
          for (int i = 0; i < count; i += STRIP) {
            for (int j = 0; j < STRIP; j++) {
              sums[j] += columns[i + j];
            }
          }
          first += count;
        }
        float sum = 0f;
        for (int j = 0; j < STRIP; j++) {
          sum += sums[j];
        }
        float share = 1f / sum;
        first = 0;
        while (first < tokens) {
          int count = tokens - first < TileProduct.COLUMNS ? tokens - first : TileProduct.COLUMNS;
          if (tokens > TileProduct.COLUMNS) { // else they are still there
            exp(probabilities, line + first, count, largest[row], columns);
          }
          for (int i = 0; i < count; i++) {
            probabilities[line + first + i] = columns[i] * share;
          }
          first += count;
        }
      }

      int feature = 0;
      while (feature < headSize) {
        TileProduct.multiply(
            probabilities,
            p,
            tokens,
            rows,
            keyValue,
            key + stride + feature,
            keyStride,
            1,
            headSize - feature,
            tokens,
            columns,
            sums);
        int count = headSize - feature < STRIP ? headSize - feature : STRIP;
        for (int row = 0; row < rows; row++) {
          for (int j = 0; j < count; j++) {
            context[target + row * stride + feature + j] = sums[row * STRIP + j];
          }
        }
        feature += count;
      }
    }
  }

  /** e^(score - largest) of some scores, and zeros up to a multiple of {@link #STRIP}. */
  private static void exp(float[] scores, int from, int count, float largest, float[] result) {
    for (int i = 0; i < count; i++) {
      result[i] = scores[from + i];
    }
    for (int i = 0; i < count; i++) {
      result[i] = Elementary.exp(result[i] - largest);
    }
    for (int i = count; i % STRIP != 0; i++) {
      result[i] = 0f;
    }
  }
}
