package io.github.vit4j.backend.tornado.kernels;

import uk.ac.manchester.tornado.api.annotations.Parallel;

/**
 * Attention for processors under TornadoVM, as two matrix products in the way of {@link
 * TileProduct}. A tile is some groups of four queries of one head of one image; tiles are counted
 * group by group, then head by head, then image by image.
 */
public final class AttentionKernels {
  /** Groups of queries that a tile can have. */
  public static final int MOST_GROUPS = TileProduct.MOST_GROUPS;

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
   * @param tileGroups how many groups of four queries a tile has, {@link #MOST_GROUPS} at most
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
      float[] staged = new float[TileProduct.STAGED];
      float[] sums = new float[TileProduct.SUMS];

      // What lies beyond the last query, token or feature is computed as if it were the last one,
      // and not written.
      int token = 0;
      while (token < tokens) {
        for (int i = 0; i < (rows + Layout.ROWS - 1) / Layout.ROWS * TileProduct.GROUP; i++) {
          sums[i] = 0f; // a device does not do it
        }
        int first = 0;
        while (first < headSize) {
          int count = headSize - first < TileProduct.PART ? headSize - first : TileProduct.PART;
          for (int j = 0; j < STRIP; j++) {
            int other = token + j < tokens ? token + j : tokens - 1;
            int k = key + other * keyStride + first;
            for (int i = 0; i < count; i++) {
              staged[i * STRIP + j] = keyValue[k + i];
            }
          }
          for (int row = 0; row < rows; row += Layout.ROWS) {
            TileProduct.add(
                query,
                q + row * queryStride + first,
                q + (row + 1 < rows ? row + 1 : rows - 1) * queryStride + first,
                q + (row + 2 < rows ? row + 2 : rows - 1) * queryStride + first,
                q + (row + 3 < rows ? row + 3 : rows - 1) * queryStride + first,
                staged,
                count,
                sums,
                row * STRIP);
          }
          first += count;
        }
        int count = tokens - token < STRIP ? tokens - token : STRIP;
        for (int row = 0; row < rows; row++) {
          for (int j = 0; j < count; j++) {
            probabilities[p + row * tokens + token + j] = sums[row * STRIP + j] * scale;
          }
        }
        token += count;
      }

      for (int row = 0; row < rows; row++) {
        int line = p + row * tokens;
        float largest = -3.4028235e38f;
        for (int i = 0; i < tokens; i++) {
          float score = probabilities[line + i];
          largest = score > largest ? score : largest;
        }
        float sum = 0f;
        int first = 0;
        while (first < tokens) {
          int count = tokens - first < TileProduct.STAGED ? tokens - first : TileProduct.STAGED;
          for (int i = 0; i < count; i++) {
            staged[i] = probabilities[line + first + i];
          }
          for (int i = 0; i < count; i++) {
            staged[i] = Elementary.exp(staged[i] - largest);
          }
          for (int i = 0; i < count; i++) {
            float e = staged[i];
            probabilities[line + first + i] = e;
            sum += e;
          }
          first += count;
        }
        float share = 1f / sum;
        for (int i = 0; i < tokens; i++) {
          probabilities[line + i] = probabilities[line + i] * share;
        }
      }

      int feature = 0;
      while (feature < headSize) {
        for (int i = 0; i < (rows + Layout.ROWS - 1) / Layout.ROWS * TileProduct.GROUP; i++) {
          sums[i] = 0f;
        }
        int first = 0;
        while (first < tokens) {
          int count = tokens - first < TileProduct.PART ? tokens - first : TileProduct.PART;
          int value = key + stride + first * keyStride;
          for (int i = 0; i < count; i++) {
            for (int j = 0; j < STRIP; j++) {
              int other = feature + j < headSize ? feature + j : headSize - 1;
              staged[i * STRIP + j] = keyValue[value + other];
            }
            value += keyStride;
          }
          for (int row = 0; row < rows; row += Layout.ROWS) {
            TileProduct.add(
                probabilities,
                p + row * tokens + first,
                p + (row + 1 < rows ? row + 1 : rows - 1) * tokens + first,
                p + (row + 2 < rows ? row + 2 : rows - 1) * tokens + first,
                p + (row + 3 < rows ? row + 3 : rows - 1) * tokens + first,
                staged,
                count,
                sums,
                row * STRIP);
          }
          first += count;
        }
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
}
