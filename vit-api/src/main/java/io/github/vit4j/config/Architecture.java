package io.github.vit4j.config;

import java.util.Optional;

/**
 * HuggingFace's model classes, by the names that {@code config.json} lists under {@code
 * architectures}.
 */
public enum Architecture {
  /** The encoder alone, with an optional pooler. */
  VIT_MODEL("ViTModel"),
  /** The encoder with a linear classifier on the CLS token. */
  VIT_FOR_IMAGE_CLASSIFICATION("ViTForImageClassification"),
  /** The encoder with a decoder that reconstructs pixels (SimMIM). */
  VIT_FOR_MASKED_IMAGE_MODELING("ViTForMaskedImageModeling");

  private final String className;

  Architecture(String className) {
    this.className = className;
  }

  /**
   * {@return the architecture of that name, if it is one of these}
   *
   * @param className HuggingFace's, for example {@code ViTModel}
   */
  public static Optional<Architecture> ofClassName(String className) {
    for (Architecture architecture : values()) {
      if (architecture.className.equals(className)) {
        return Optional.of(architecture);
      }
    }
    return Optional.empty();
  }

  /** {@return HuggingFace's class name, for example {@code ViTForImageClassification}} */
  @Override
  public String toString() {
    return className;
  }
}
