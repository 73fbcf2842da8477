package io.github.vit4j.backend.tornado;

import io.github.vit4j.backend.tornado.kernels.Layout;
import org.jspecify.annotations.Nullable;

/**
 * Attention on the JVM, as two products with panels: the keys of a head, tokens as outputs, and its
 * values, features as outputs. Scores never leave the cache but where they are asked for. One of
 * these per thread: it keeps the panels from call to call.
 */
final class JvmAttention {
  private final Arithmetic arithmetic;
  private final float[] tile = new float[Arithmetic.TILE];
  private float[] keys = new float[0];
  private float[] values = new float[0];
  private float[] queries = new float[0];
  private float[] scores = new float[0];

  JvmAttention(Arithmetic arithmetic) {
    this.arithmetic = arithmetic;
  }

  /**
   * Computes some queries of a head of an image.
   *
   * @param imageHead image * heads + head
   * @param from the first query
   * @param to the query behind the last
   */
  void run(
      Step.Attention step,
      float[] query,
      float[] keyValue,
      float @Nullable [] probabilities,
      float[] context,
      int imageHead,
      int from,
      int to) {
    int image = imageHead / step.heads();
    int offset = imageHead % step.heads() * step.headSize();
    int tokenPanels = Layout.panels(step.tokens());
    int featurePanels = Layout.panels(step.headSize());
    int scoreStride = tokenPanels * Layout.PANEL;
    reserve(step, tokenPanels, featurePanels);
    pack(step, keyValue, image * step.tokens() * 3 * step.stride() + offset);
    for (int first = from; first < to; first += Layout.ROWS) {
      int count = Math.min(Layout.ROWS, to - first);
      int line = image * step.queries() + first;
      for (int row = 0; row < count; row++) {
        int at = (line + row) * step.queryStride() + offset;
        System.arraycopy(query, at, queries, row * step.headSize(), step.headSize());
      }
      for (int panel = 0; panel < tokenPanels; panel++) {
        int start = panel * step.headSize() * Layout.PANEL;
        arithmetic.product(queries, 0, step.headSize(), keys, start, step.headSize(), tile);
        for (int row = 0; row < count; row++) {
          int at = row * scoreStride + panel * Layout.PANEL;
          System.arraycopy(tile, row * Layout.PANEL, scores, at, Layout.PANEL);
        }
      }
      for (int row = 0; row < count; row++) {
        arithmetic.softmax(scores, row * scoreStride, step.tokens(), step.scale());
        if (probabilities != null) {
          int at = (imageHead * step.queries() + first + row) * step.tokens();
          System.arraycopy(scores, row * scoreStride, probabilities, at, step.tokens());
        }
      }
      for (int panel = 0; panel < featurePanels; panel++) {
        int start = panel * step.tokens() * Layout.PANEL;
        int width = Math.min(Layout.PANEL, step.headSize() - panel * Layout.PANEL);
        arithmetic.product(scores, 0, scoreStride, values, start, step.tokens(), tile);
        for (int row = 0; row < count; row++) {
          int at = (line + row) * step.stride() + offset + panel * Layout.PANEL;
          System.arraycopy(tile, row * Layout.PANEL, context, at, width);
        }
      }
    }
  }

  /** Rows that are not there are zero or left from before: finite, and nobody reads their sums. */
  private void reserve(Step.Attention step, int tokenPanels, int featurePanels) {
    keys = atLeast(keys, tokenPanels * Layout.PANEL * step.headSize());
    values = atLeast(values, featurePanels * Layout.PANEL * step.tokens());
    queries = atLeast(queries, Layout.ROWS * step.headSize());
    scores = atLeast(scores, Layout.ROWS * tokenPanels * Layout.PANEL);
  }

  private static float[] atLeast(float[] array, int length) {
    return array.length >= length ? array : new float[length];
  }

  /**
   * The keys and values of a head as panels.
   *
   * @param start where the head of the image's first token begins among the queries
   */
  private void pack(Step.Attention step, float[] keyValue, int start) {
    int headSize = step.headSize();
    for (int token = 0; token < step.tokens(); token++) {
      int key = start + token * 3 * step.stride() + step.stride();
      int panel = token / Layout.PANEL * headSize * Layout.PANEL + token % Layout.PANEL;
      for (int i = 0; i < headSize; i++) {
        keys[panel + i * Layout.PANEL] = keyValue[key + i];
      }
      int value = key + step.stride();
      for (int first = 0; first < headSize; first += Layout.PANEL) {
        int width = Math.min(Layout.PANEL, headSize - first);
        int at = first * step.tokens() + token * Layout.PANEL;
        System.arraycopy(keyValue, value + first, values, at, width);
      }
    }
  }
}
