package io.github.vit4j;

import io.github.vit4j.image.RgbImage;
import io.github.vit4j.tensor.Tensor;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.node.ObjectNode;

/**
 * The old name of {@link ViTImageProcessor}, for readers of old examples: HuggingFace has renamed
 * {@code ViTFeatureExtractor} and removed the old name in transformers 5. New code should use
 * {@link ViTImageProcessor}, to which every call here goes.
 *
 * <p>Thread-safety: immutable; one extractor serves any number of threads.
 */
public final class ViTFeatureExtractor {
  private final ViTImageProcessor imageProcessor;

  /** Wraps a processor. */
  public ViTFeatureExtractor(ViTImageProcessor imageProcessor) {
    this.imageProcessor = Objects.requireNonNull(imageProcessor, "imageProcessor");
  }

  /** {@link ViTImageProcessor#fromPretrained(String)}. */
  public static ViTFeatureExtractor fromPretrained(String model) {
    return new ViTFeatureExtractor(ViTImageProcessor.fromPretrained(model));
  }

  /** {@link ViTImageProcessor#fromPretrained(Path)}. */
  public static ViTFeatureExtractor fromPretrained(Path directoryOrFile) {
    return new ViTFeatureExtractor(ViTImageProcessor.fromPretrained(directoryOrFile));
  }

  /** {@link ViTImageProcessor#fromJson}. */
  public static ViTFeatureExtractor fromJson(ObjectNode json) {
    return new ViTFeatureExtractor(ViTImageProcessor.fromJson(json));
  }

  /** The processor behind the old name. */
  public ViTImageProcessor imageProcessor() {
    return imageProcessor;
  }

  /** {@link ViTImageProcessor#toJson}. */
  public ObjectNode toJson() {
    return imageProcessor.toJson();
  }

  /** {@link ViTImageProcessor#savePretrained}. */
  public void savePretrained(Path directory) {
    imageProcessor.savePretrained(directory);
  }

  /** {@link ViTImageProcessor#preprocess(RgbImage)}. */
  public Tensor preprocess(RgbImage image) {
    return imageProcessor.preprocess(image);
  }

  /** {@link ViTImageProcessor#preprocess(List)}. */
  public Tensor preprocess(List<RgbImage> images) {
    return imageProcessor.preprocess(images);
  }

  /** {@link ViTImageProcessor#preprocess(Arena, List)}. */
  public Tensor preprocess(Arena arena, List<RgbImage> images) {
    return imageProcessor.preprocess(arena, images);
  }
}
