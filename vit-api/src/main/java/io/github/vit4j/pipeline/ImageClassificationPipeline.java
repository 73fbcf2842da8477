package io.github.vit4j.pipeline;

import io.github.vit4j.LoadOptions;
import io.github.vit4j.ViTForImageClassification;
import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.ConfigException;
import io.github.vit4j.error.ViTException;
import io.github.vit4j.hub.ModelFiles;
import io.github.vit4j.image.ImageReader;
import io.github.vit4j.image.RgbImage;
import io.github.vit4j.tensor.Tensor;
import java.lang.foreign.Arena;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Photos in, labels out: HuggingFace's {@code pipeline("image-classification")} with its defaults,
 * the five best labels by softmax (or sigmoid, by problem type).
 *
 * <p>Thread-safe. Closing it closes the model.
 */
public final class ImageClassificationPipeline implements AutoCloseable {
  /** HuggingFace's default. */
  public static final int DEFAULT_TOP_K = 5;

  private final ViTForImageClassification model;
  private final ViTImageProcessor processor;

  /**
   * Puts a model and a processor together; the pipeline closes the model.
   *
   * @param model a classifier with at least one label
   * @param processor makes the model's inputs of pictures
   * @throws ConfigException if the model has no labels
   */
  public ImageClassificationPipeline(ViTForImageClassification model, ViTImageProcessor processor) {
    requireLabels(model.config());
    this.model = model;
    this.processor = processor;
  }

  private static void requireLabels(ViTConfig config) {
    if (config.numLabels() == 0) {
      throw new ConfigException("the model has no labels; use the feature extraction pipeline");
    }
  }

  /**
   * Loads model and processor, with the default options.
   *
   * @param model a directory in HuggingFace's form, the id of a model on the hub, or {@code
   *     builtin:NAME}
   * @return a pipeline that is the caller's to close
   * @throws ViTException if there is no such model, if it is corrupt or has no labels, or if no
   *     backend runs it
   */
  public static ImageClassificationPipeline fromPretrained(String model) {
    return fromPretrained(model, LoadOptions.defaults());
  }

  /**
   * {@link #fromPretrained(String)}, with options.
   *
   * @param model a directory in HuggingFace's form, the id of a model on the hub, or {@code
   *     builtin:NAME}
   * @param options backend, device, precision and what else loading depends on
   * @return a pipeline that is the caller's to close
   * @throws ViTException if there is no such model, if it is corrupt or has no labels, or if no
   *     backend runs it
   */
  public static ImageClassificationPipeline fromPretrained(String model, LoadOptions options) {
    return fromPretrained(options.resolve(model), options);
  }

  /**
   * {@link #fromPretrained(String)}, from a directory, with options.
   *
   * @param directory in HuggingFace's form
   * @param options backend, device, precision and what else loading depends on
   * @return a pipeline that is the caller's to close
   * @throws ViTException if there is no such model, if it is corrupt or has no labels, or if no
   *     backend runs it
   */
  public static ImageClassificationPipeline fromPretrained(Path directory, LoadOptions options) {
    return fromPretrained(ModelFiles.of(directory), options);
  }

  /**
   * {@link #fromPretrained(String)}, from files that were found already, with options.
   *
   * @param files of the model
   * @param options backend, device, precision and what else loading depends on
   * @return a pipeline that is the caller's to close
   * @throws ViTException if the model is corrupt or has no labels, or if no backend runs it
   */
  public static ImageClassificationPipeline fromPretrained(ModelFiles files, LoadOptions options) {
    // Before anything is opened that would have to be closed again.
    requireLabels(files.config());
    ViTImageProcessor processor = ViTImageProcessor.fromPretrained(files);
    return new ImageClassificationPipeline(
        ViTForImageClassification.fromPretrained(files, options), processor);
  }

  /** {@return the model, to ask for its configuration and device} */
  public ViTForImageClassification model() {
    return model;
  }

  /**
   * {@return the five best labels of a photo, best first; fewer when the model has fewer}
   *
   * @param photo a file in a format that {@link ImageReader} reads
   * @throws ViTException if the photo cannot be read or the engine fails
   */
  public List<Classification> classify(Path photo) {
    return classify(ImageReader.create().read(photo));
  }

  /**
   * {@return the five best labels of a photo at an address, best first; fewer when the model has
   * fewer}
   *
   * @param photo an http or https address
   * @throws ViTException if the photo cannot be downloaded, see {@link ImageReader#read(URI)}, or
   *     the engine fails
   */
  public List<Classification> classify(URI photo) {
    return classify(ImageReader.create().read(photo));
  }

  /**
   * {@return the five best labels of a picture, best first; fewer when the model has fewer}
   *
   * @param image of any size
   * @throws ViTException if the engine fails
   */
  public List<Classification> classify(RgbImage image) {
    return classify(List.of(image), DEFAULT_TOP_K).getFirst();
  }

  /**
   * The best labels of several pictures, computed in one batch.
   *
   * @param images of any sizes; none gives an empty list
   * @param topK how many labels a picture, at least 1; fewer when the model has fewer
   * @return one list per picture, in order, best label first; equal scores in the order of the
   *     classes
   * @throws ViTException if the engine fails
   * @throws IllegalArgumentException if {@code topK} is less than 1
   */
  public List<List<Classification>> classify(List<RgbImage> images, int topK) {
    if (topK < 1) {
      throw new IllegalArgumentException("topK must be at least 1, got " + topK);
    }
    if (images.isEmpty()) {
      return List.of();
    }
    try (Arena arena = Arena.ofShared()) {
      Tensor logits = model.forward(processor.preprocess(arena, images, model.config())).logits();
      List<List<Classification>> results = new ArrayList<>();
      for (int i = 0; i < images.size(); i++) {
        results.add(best(logits.slice(i).toFloatArray(), topK));
      }
      return results;
    }
  }

  private List<Classification> best(float[] logits, int topK) {
    float[] scores = ScoreFunction.forConfig(model.config()).apply(logits);
    return IntStream.range(0, scores.length)
        .mapToObj(i -> new Classification(model.config().label(i), i, scores[i]))
        .sorted(Comparator.comparingDouble(Classification::score).reversed())
        .limit(topK)
        .toList();
  }

  @Override
  public void close() {
    model.close();
  }
}
