package io.github.vit4j.config;

import java.util.Locale;

/** What a classifier was trained for: chooses its loss and its score function. */
public enum ProblemType {
  /** Mean squared error; HuggingFace's pipeline scores it as if it were a classification. */
  REGRESSION,
  /** Cross entropy over the labels; scores are a softmax. */
  SINGLE_LABEL_CLASSIFICATION,
  /** Binary cross entropy per label; scores are sigmoids. */
  MULTI_LABEL_CLASSIFICATION;

  /** {@return HuggingFace's name, for example {@code single_label_classification}} */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
