package io.github.vit4j.pipeline;

/** How the features of an image's tokens become one vector. */
public enum Pooling {
  /** Not at all: one vector per token. */
  NONE,
  /** The CLS token's features. */
  CLS,
  /** The mean over the patches' features, without CLS. */
  MEAN,
  /** The pooler's output; the model must have a pooler. */
  POOLER
}
