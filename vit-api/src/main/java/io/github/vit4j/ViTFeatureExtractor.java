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

  /**
   * Wraps a processor.
   *
   * @param imageProcessor does all the work
   */
  public ViTFeatureExtractor(ViTImageProcessor imageProcessor) {
    this.imageProcessor = Objects.requireNonNull(imageProcessor, "imageProcessor");
  }

  /**
   * {@link ViTImageProcessor#fromPretrained(String)}.
   *
   * @param model a directory in HuggingFace's form, the id of a model on the hub, or {@code
   *     builtin:NAME}
   * @return an extractor around that processor
   */
  public static ViTFeatureExtractor fromPretrained(String model) {
    return new ViTFeatureExtractor(ViTImageProcessor.fromPretrained(model));
  }

  /**
   * {@link ViTImageProcessor#fromPretrained(Path)}.
   *
   * @param directoryOrFile a model directory, or a {@code preprocessor_config.json}
   * @return an extractor around that processor
   */
  public static ViTFeatureExtractor fromPretrained(Path directoryOrFile) {
    return new ViTFeatureExtractor(ViTImageProcessor.fromPretrained(directoryOrFile));
  }

  /**
   * {@link ViTImageProcessor#fromJson}.
   *
   * @param json the settings, as in {@code preprocessor_config.json}
   * @return an extractor around that processor
   */
  public static ViTFeatureExtractor fromJson(ObjectNode json) {
    return new ViTFeatureExtractor(ViTImageProcessor.fromJson(json));
  }

  /** {@return the processor behind the old name} */
  public ViTImageProcessor imageProcessor() {
    return imageProcessor;
  }

  /** {@return what {@link ViTImageProcessor#toJson} gives} */
  public ObjectNode toJson() {
    return imageProcessor.toJson();
  }

  /**
   * {@link ViTImageProcessor#savePretrained}.
   *
   * @param directory created where it is missing
   */
  public void savePretrained(Path directory) {
    imageProcessor.savePretrained(directory);
  }

  /**
   * {@link ViTImageProcessor#preprocess(RgbImage)}.
   *
   * @param image a picture of any size
   * @return float32 [1, 3, height, width]
   */
  public Tensor preprocess(RgbImage image) {
    return imageProcessor.preprocess(image);
  }

  /**
   * {@link ViTImageProcessor#preprocess(List)}.
   *
   * @param images n pictures, at least one
   * @return float32 [n, 3, height, width], in the order of {@code images}
   */
  public Tensor preprocess(List<RgbImage> images) {
    return imageProcessor.preprocess(images);
  }

  /**
   * {@link ViTImageProcessor#preprocess(Arena, List)}.
   *
   * @param arena where the memory of the result comes from
   * @param images n pictures, at least one
   * @return float32 [n, 3, height, width], in the order of {@code images}
   */
  public Tensor preprocess(Arena arena, List<RgbImage> images) {
    return imageProcessor.preprocess(arena, images);
  }
}
