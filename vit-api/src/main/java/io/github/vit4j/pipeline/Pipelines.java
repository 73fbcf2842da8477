package io.github.vit4j.pipeline;

import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.error.ConfigException;
import io.github.vit4j.hub.ModelFiles;

/** What the pipelines share. */
final class Pipelines {
  private Pipelines() {}

  /** The processor that a model comes with: guessing one would give silently wrong numbers. */
  static ViTImageProcessor processor(ModelFiles files) {
    return ViTImageProcessor.fromJson(
        files
            .preprocessorConfig()
            .orElseThrow(
                () ->
                    new ConfigException(
                        "%s holds no %s, so how to prepare images is not known; put one there"
                            .formatted(files.name(), ModelFiles.PREPROCESSOR_CONFIG))));
  }
}
