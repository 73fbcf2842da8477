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
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

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
    requireTopK(topK);
    if (images.isEmpty()) {
      return List.of();
    }
    try (Arena arena = Arena.ofShared()) {
      return classify(processor.preprocess(arena, images, model.config()), topK);
    }
  }

  private List<List<Classification>> classify(Tensor pixelValues, int topK) {
    Tensor logits = model.forward(pixelValues).logits();
    List<List<Classification>> results = new ArrayList<>();
    for (int i = 0; i < logits.dimension(0); i++) {
      results.add(best(logits.slice(i).toFloatArray(), topK));
    }
    return results;
  }

  /**
   * The best labels of any number of photos: {@link #classifyAll(Stream, Function, int,
   * StreamOptions)} of files.
   *
   * @param photos files in formats that {@link ImageReader} reads; closed with the result
   * @param topK how many labels a photo, at least 1; fewer when the model has fewer
   * @param options how many photos are worked on at once
   * @return a result for each photo, in order; to be closed
   * @throws IllegalArgumentException if {@code topK} is less than 1
   */
  public Stream<ImageResult<Path, List<Classification>>> classifyAll(
      Stream<Path> photos, int topK, StreamOptions options) {
    ImageReader reader = ImageReader.create();
    return classifyAll(photos, reader::read, topK, options);
  }

  /**
   * The best labels of any number of pictures, which are decoded, preprocessed and computed at the
   * same time by threads of the stream's own. Nothing is done before a result is asked for.
   *
   * <p>Memory is bounded: no more than {@code callers + ceil(r / batchSize) + 1} batches of
   * sources, r being the number of readers, are taken beyond those whose results were handed out,
   * and of these no more than {@link StreamOptions#readers} are decoded pictures at any time; the
   * others are pixel values or results. Tensors of pixel values are used again and again.
   *
   * <p>A picture that cannot be read, or does not fit the model, is a result with an error. What
   * else goes wrong ends the stream with that exception, after the results of everything before it:
   * when the engine fails ({@link ViTException}), when the model is closed meanwhile ({@link
   * IllegalStateException}), or when {@code sources} or {@code reader} throw anything else. A
   * thread that is interrupted while it waits for a result gets a {@link
   * java.util.concurrent.CancellationException} and stays interrupted; the stream has ended then.
   *
   * <p>Scores are those of {@link #classify(List, int)} to the bit where an engine computes each
   * picture of a batch as it would alone; a batch holds the same pictures every time, so that they
   * are in any case the same from run to run.
   *
   * <p>The stream must be closed, by try-with-resources. Closing it in the middle stops the work,
   * interrupts who waits in {@code sources} or {@code reader}, waits for runs of the engine under
   * way, ends all threads and frees all memory. It is sequential; several streams over one pipeline
   * share its engine.
   *
   * @param <S> what names a picture
   * @param sources names pictures, without nulls; may be infinite; taken by one thread at a time;
   *     closed with the result
   * @param reader decodes a picture; called by several threads at once
   * @param topK how many labels a picture, at least 1; fewer when the model has fewer
   * @param options how many pictures are worked on at once
   * @return a result for each source, in order; to be closed
   * @throws IllegalArgumentException if {@code topK} is less than 1
   */
  public <S> Stream<ImageResult<S, List<Classification>>> classifyAll(
      Stream<S> sources, Function<? super S, RgbImage> reader, int topK, StreamOptions options) {
    requireTopK(topK);
    return ImageStream.of(
        sources,
        reader,
        new ImageStream.Work<>(processor, model.config(), values -> classify(values, topK)),
        options.resolve(model.info()));
  }

  private static void requireTopK(int topK) {
    if (topK < 1) {
      throw new IllegalArgumentException("topK must be at least 1, got " + topK);
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
