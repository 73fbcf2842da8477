package io.github.vit4j.backend.tornado;

import io.github.vit4j.backend.tornado.kernels.Layout;

/** Queries, keys and values of some images, and what attention makes of them in float64. */
public final class AttentionCase {
  public final int images;
  public final int tokens;
  public final int heads;
  public final int headSize;
  public final int queries;
  public final int stride;
  public final float scale;
  public final float[] query;
  public final float[] keyValue;
  public final float[] probabilities;
  public final float[] context;

  /** Scores up to about {@code magnitude} squared. */
  public AttentionCase(
      int images, int tokens, int heads, int headSize, int queries, float magnitude) {
    this.images = images;
    this.tokens = tokens;
    this.heads = heads;
    this.headSize = headSize;
    this.queries = queries;
    this.stride = Layout.stride(heads * headSize);
    this.scale = (float) (1 / Math.sqrt(headSize));
    this.query = Doubles.random(Layout.paddedRows(images * queries) * 3 * stride, 1, magnitude);
    this.keyValue = Doubles.random(Layout.paddedRows(images * tokens) * 3 * stride, 2, magnitude);
    this.probabilities = new float[images * heads * queries * tokens];
    this.context = new float[Layout.paddedRows(images * queries) * stride];
  }

  /** Compares probabilities and contexts. */
  public void check(double error) {
    for (int image = 0; image < images; image++) {
      for (int head = 0; head < heads; head++) {
        for (int q = 0; q < queries; q++) {
          checkQuery(image, head, q, error);
        }
      }
    }
  }

  private void checkQuery(int image, int head, int q, double error) {
    int offset = head * headSize;
    double[] scores = new double[tokens];
    for (int token = 0; token < tokens; token++) {
      for (int i = 0; i < headSize; i++) {
        scores[token] +=
            (double) query[(image * queries + q) * 3 * stride + offset + i]
                * keyValue[(image * tokens + token) * 3 * stride + stride + offset + i];
      }
    }
    double[] expected = Doubles.softmax(scores, scale);
    int row = ((image * heads + head) * queries + q) * tokens;
    for (int token = 0; token < tokens; token++) {
      Doubles.assertClose(probabilities[row + token], expected[token], error, "probability");
    }
    for (int i = 0; i < headSize; i++) {
      double sum = 0;
      for (int token = 0; token < tokens; token++) {
        sum +=
            expected[token]
                * keyValue[(image * tokens + token) * 3 * stride + 2 * stride + offset + i];
      }
      float actual = context[(image * queries + q) * stride + offset + i];
      Doubles.assertClose(actual, sum, error * 10, "context");
    }
  }
}
