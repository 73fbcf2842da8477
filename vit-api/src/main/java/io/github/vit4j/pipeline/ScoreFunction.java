package io.github.vit4j.pipeline;

import io.github.vit4j.config.ProblemType;
import io.github.vit4j.config.ViTConfig;

/**
 * How logits become scores: HuggingFace's {@code ClassificationFunction}
 * (pipelines/image_classification.py).
 */
public enum ScoreFunction {
  /** Scores that sum to 1. */
  SOFTMAX,
  /** Each score on its own. */
  SIGMOID,
  /** The logits themselves. */
  NONE;

  /**
   * {@return HuggingFace's choice: sigmoids for several labels at once and for a single label, a
   * softmax otherwise}
   *
   * @param config tells the problem type and the number of labels
   */
  public static ScoreFunction forConfig(ViTConfig config) {
    return config.problemType() == ProblemType.MULTI_LABEL_CLASSIFICATION || config.numLabels() == 1
        ? SIGMOID
        : SOFTMAX;
  }

  /**
   * Applies the function to the logits of one image.
   *
   * @param logits of one image, one a class; not changed
   * @return as many scores as there are logits
   */
  public float[] apply(float[] logits) {
    float[] scores = new float[logits.length];
    switch (this) {
      case SOFTMAX -> {
        double max = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
          max = Math.max(max, logit);
        }
        double sum = 0;
        for (float logit : logits) {
          sum += Math.exp(logit - max);
        }
        for (int i = 0; i < logits.length; i++) {
          scores[i] = (float) (Math.exp(logits[i] - max) / sum);
        }
      }
      case SIGMOID -> {
        for (int i = 0; i < logits.length; i++) {
          scores[i] = (float) (1 / (1 + Math.exp(-logits[i])));
        }
      }
      case NONE -> System.arraycopy(logits, 0, scores, 0, logits.length);
    }
    return scores;
  }
}
