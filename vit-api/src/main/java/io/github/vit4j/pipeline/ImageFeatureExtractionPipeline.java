package io.github.vit4j.pipeline;

import io.github.vit4j.BaseModelOutputWithPooling;
import io.github.vit4j.LoadOptions;
import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.ViTModel;
import io.github.vit4j.error.CheckpointException;
import io.github.vit4j.error.ViTException;
import io.github.vit4j.hub.ModelFiles;
import io.github.vit4j.image.ImageReader;
import io.github.vit4j.image.RgbImage;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Photos in, vectors out: HuggingFace's {@code pipeline("image-feature-extraction")}.
 *
 * <p>Thread-safe. Closing it closes the model.
 */
public final class ImageFeatureExtractionPipeline implements AutoCloseable {
  private final ViTModel model;
  private final ViTImageProcessor processor;

  /**
   * Puts a model and a processor together; the pipeline closes the model.
   *
   * @param model an encoder, with or without a pooler
   * @param processor makes the model's inputs of pictures
   */
  public ImageFeatureExtractionPipeline(ViTModel model, ViTImageProcessor processor) {
    this.model = model;
    this.processor = processor;
  }

  /**
   * Loads model and processor, with the default options.
   *
   * @param model a directory in HuggingFace's form, the id of a model on the hub, or {@code
   *     builtin:NAME}
   * @return a pipeline that is the caller's to close
   * @throws ViTException if there is no such model, if it is corrupt, or if no backend runs it
   */
  public static ImageFeatureExtractionPipeline fromPretrained(String model) {
    return fromPretrained(model, LoadOptions.defaults());
  }

  /**
   * {@link #fromPretrained(String)}, with options.
   *
   * @param model a directory in HuggingFace's form, the id of a model on the hub, or {@code
   *     builtin:NAME}
   * @param options backend, device, precision and what else loading depends on
   * @return a pipeline that is the caller's to close
   * @throws ViTException if there is no such model, if it is corrupt, or if no backend runs it
   */
  public static ImageFeatureExtractionPipeline fromPretrained(String model, LoadOptions options) {
    return fromPretrained(options.resolve(model), options);
  }

  /**
   * {@link #fromPretrained(String)}, from a directory, with options.
   *
   * @param directory in HuggingFace's form
   * @param options backend, device, precision and what else loading depends on
   * @return a pipeline that is the caller's to close
   * @throws ViTException if there is no such model, if it is corrupt, or if no backend runs it
   */
  public static ImageFeatureExtractionPipeline fromPretrained(Path directory, LoadOptions options) {
    return fromPretrained(ModelFiles.of(directory), options);
  }

  /**
   * {@link #fromPretrained(String)}, from files that were found already, with options.
   *
   * @param files of the model
   * @param options backend, device, precision and what else loading depends on
   * @return a pipeline that is the caller's to close
   * @throws ViTException if the model is corrupt, or if no backend runs it
   */
  public static ImageFeatureExtractionPipeline fromPretrained(
      ModelFiles files, LoadOptions options) {
    ViTImageProcessor processor = ViTImageProcessor.fromPretrained(files);
    return new ImageFeatureExtractionPipeline(ViTModel.fromPretrained(files, options), processor);
  }

  /** {@return the model, to ask for its configuration and device} */
  public ViTModel model() {
    return model;
  }

  /**
   * {@return the features of a photo: float32 [d], or [t, d] without pooling; d = hidden size
   * (pooler output size), t = 1 + patches}
   *
   * @param photo a file in a format that {@link ImageReader} reads
   * @param pooling how the tokens' features become one vector
   * @throws ViTException if the photo cannot be read, if there is no pooler but one is asked for,
   *     or if the engine fails
   */
  public Tensor extract(Path photo, Pooling pooling) {
    return extract(List.of(ImageReader.create().read(photo)), pooling).slice(0);
  }

  /**
   * The features of several pictures, computed in one batch.
   *
   * @param images n pictures of any sizes, at least one
   * @param pooling how the tokens' features become one vector
   * @return float32 [n, d], or [n, t, d] without pooling; d = hidden size (pooler output size), t =
   *     1 + patches
   * @throws ViTException if there is no pooler but one is asked for, or if the engine fails
   * @throws IllegalArgumentException if there are no images
   */
  public Tensor extract(List<RgbImage> images, Pooling pooling) {
    if (images.isEmpty()) {
      throw new IllegalArgumentException("no images given");
    }
    requirePooler(pooling);
    try (Arena arena = Arena.ofShared()) {
      return extract(processor.preprocess(arena, images, model.config()), pooling);
    }
  }

  /**
   * The features of any number of photos: {@link #extractAll(Stream, Function, Pooling,
   * StreamOptions)} of files.
   *
   * @param photos files in formats that {@link ImageReader} reads; closed with the result
   * @param pooling how the tokens' features become one vector
   * @param options how many photos are worked on at once
   * @return a result for each photo, in order; to be closed
   * @throws ViTException if there is no pooler but one is asked for
   */
  public Stream<ImageResult<Path, Tensor>> extractAll(
      Stream<Path> photos, Pooling pooling, StreamOptions options) {
    ImageReader reader = ImageReader.create();
    return extractAll(photos, reader::read, pooling, options);
  }

  /**
   * The features of any number of pictures, which are decoded, preprocessed and computed at the
   * same time. Order, memory, errors, and why the stream must be closed: as {@link
   * ImageClassificationPipeline#classifyAll(Stream, Function, int, StreamOptions)} says.
   *
   * @param <S> what names a picture
   * @param sources names pictures, without nulls; may be infinite; taken by one thread at a time;
   *     closed with the result
   * @param reader decodes a picture; called by several threads at once
   * @param pooling how the tokens' features become one vector
   * @param options how many pictures are worked on at once
   * @return a result for each source, in order: float32 [d], or [t, d] without pooling, as {@link
   *     #extract(Path, Pooling)} gives it; to be closed
   * @throws ViTException if there is no pooler but one is asked for
   */
  public <S> Stream<ImageResult<S, Tensor>> extractAll(
      Stream<S> sources,
      Function<? super S, RgbImage> reader,
      Pooling pooling,
      StreamOptions options) {
    requirePooler(pooling);
    return ImageStream.of(
        sources,
        reader,
        new ImageStream.Work<>(processor, model.config(), values -> rows(extract(values, pooling))),
        options.resolve(model.info()));
  }

  private static List<Tensor> rows(Tensor features) {
    return LongStream.range(0, features.dimension(0)).mapToObj(features::slice).toList();
  }

  private void requirePooler(Pooling pooling) {
    if (pooling == Pooling.POOLER && !model.hasPooler()) {
      throw new CheckpointException(
          "the checkpoint has no pooler (pooler.dense.weight, pooler.dense.bias); use CLS or mean pooling");
    }
  }

  private Tensor extract(Tensor pixelValues, Pooling pooling) {
    BaseModelOutputWithPooling output = model.forward(pixelValues);
    Tensor pooled = output.poolerOutput();
    return switch (pooling) {
      case NONE -> output.lastHiddenState();
      case CLS -> mean(output.lastHiddenState(), 0, 1);
      case MEAN ->
          mean(output.lastHiddenState(), 1, Math.toIntExact(output.lastHiddenState().dimension(1)));
      case POOLER ->
          java.util.Objects.requireNonNull(pooled, "a model with a pooler delivers its output");
    };
  }

  /**
   * The mean over tokens {@code from} to {@code to} (exclusive) of [n, t, d], summed in double
   * precision.
   */
  private static Tensor mean(Tensor hiddenState, int from, int to) {
    int images = Math.toIntExact(hiddenState.dimension(0));
    long tokens = hiddenState.dimension(1);
    int hiddenSize = Math.toIntExact(hiddenState.dimension(2));
    Tensor result = Tensor.allocate(ElementType.FLOAT32, images, hiddenSize);
    for (int image = 0; image < images; image++) {
      for (int feature = 0; feature < hiddenSize; feature++) {
        double sum = 0;
        for (int token = from; token < to; token++) {
          sum += hiddenState.getFloat((image * tokens + token) * hiddenSize + feature);
        }
        result.setFloat((long) image * hiddenSize + feature, (float) (sum / (to - from)));
      }
    }
    return result;
  }

  @Override
  public void close() {
    model.close();
  }
}
