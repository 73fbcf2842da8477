package io.github.vit4j.cli;

/** What {@code vit run} computes. */
enum Task {
  CLASSIFICATION,
  FEATURES,
  MASKED
}
