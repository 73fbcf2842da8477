package io.github.vit4j;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.error.ViTException;
import io.github.vit4j.hub.ModelFiles;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.SessionInfo;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.tensor.Tensor;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A Vision Transformer with a linear classifier on the CLS token: HuggingFace's class of that name
 * ({@code transformers/models/vit/modeling_vit.py}).
 *
 * <p>Thread-safe: one model serves any number of threads. Closing it releases the engine's memory.
 */
public final class ViTForImageClassification implements ViTPreTrainedModel {
  private final PretrainedModel model;

  private ViTForImageClassification(PretrainedModel model) {
    this.model = model;
  }

  /**
   * Loads a model that {@code fromPretrained} of Python's transformers would load, with the default
   * options.
   *
   * @param model a directory in HuggingFace's form, the id of a model on the hub, or {@code
   *     builtin:NAME}
   * @return a model that is the caller's to close
   * @throws ViTException if there is no such model, if it is corrupt or incomplete, or if no
   *     backend runs it
   */
  public static ViTForImageClassification fromPretrained(String model) {
    return fromPretrained(model, LoadOptions.defaults());
  }

  /**
   * {@link #fromPretrained(String)}, with options.
   *
   * @param model a directory in HuggingFace's form, the id of a model on the hub, or {@code
   *     builtin:NAME}
   * @param options backend, device, precision and what else loading depends on
   * @return a model that is the caller's to close
   * @throws ViTException if there is no such model, if it is corrupt or incomplete, or if no
   *     backend runs it
   */
  public static ViTForImageClassification fromPretrained(String model, LoadOptions options) {
    return fromPretrained(options.resolve(model), options);
  }

  /**
   * {@link #fromPretrained(String)}, from a directory.
   *
   * @param directory in HuggingFace's form
   * @return a model that is the caller's to close
   * @throws ViTException if there is no such model, if it is corrupt or incomplete, or if no
   *     backend runs it
   */
  public static ViTForImageClassification fromPretrained(Path directory) {
    return fromPretrained(directory, LoadOptions.defaults());
  }

  /**
   * {@link #fromPretrained(String)}, from a directory, with options.
   *
   * @param directory in HuggingFace's form
   * @param options backend, device, precision and what else loading depends on
   * @return a model that is the caller's to close
   * @throws ViTException if there is no such model, if it is corrupt or incomplete, or if no
   *     backend runs it
   */
  public static ViTForImageClassification fromPretrained(Path directory, LoadOptions options) {
    return fromPretrained(ModelFiles.of(directory), options);
  }

  /**
   * {@link #fromPretrained(String)}, from files that were found already.
   *
   * @param files of the model
   * @return a model that is the caller's to close
   * @throws ViTException if the model is corrupt or incomplete, or if no backend runs it
   */
  public static ViTForImageClassification fromPretrained(ModelFiles files) {
    return fromPretrained(files, LoadOptions.defaults());
  }

  /**
   * {@link #fromPretrained(String)}, from files that were found already, with options.
   *
   * @param files of the model
   * @param options backend, device, precision and what else loading depends on
   * @return a model that is the caller's to close
   * @throws ViTException if the model is corrupt or incomplete, or if no backend runs it
   */
  public static ViTForImageClassification fromPretrained(ModelFiles files, LoadOptions options) {
    return new ViTForImageClassification(
        PretrainedModel.load(files, Architecture.VIT_FOR_IMAGE_CLASSIFICATION, options));
  }

  /**
   * Makes a model with random weights, drawn as HuggingFace draws them.
   *
   * @param config sizes and functions
   * @param seed the same seed gives the same weights everywhere
   * @param options backend, device and precision
   * @return a model that is the caller's to close
   * @throws ViTException if no backend runs it
   */
  public static ViTForImageClassification fromConfig(
      ViTConfig config, long seed, LoadOptions options) {
    return new ViTForImageClassification(
        PretrainedModel.random(config, Architecture.VIT_FOR_IMAGE_CLASSIFICATION, seed, options));
  }

  @Override
  public ViTConfig config() {
    return model.config();
  }

  @Override
  public SessionInfo info() {
    return model.info();
  }

  @Override
  public String backendReason() {
    return model.backendReason();
  }

  /**
   * {@link #forward(Tensor, Tensor, ForwardOptions)} for the logits alone, which is the fastest.
   *
   * @param pixelValues float32 [n, channels, height, width], as {@link ViTImageProcessor} makes
   *     them
   * @return the logits, and no loss
   * @throws InvalidInputException if shapes or types do not fit the model
   * @throws ViTException if the engine fails
   * @throws IllegalStateException if the model is closed
   */
  public ImageClassifierOutput forward(Tensor pixelValues) {
    return forward(pixelValues, null, ForwardOptions.defaults());
  }

  /**
   * {@link #forward(Tensor, Tensor, ForwardOptions)} without labels.
   *
   * @param pixelValues float32 [n, channels, height, width], as {@link ViTImageProcessor} makes
   *     them
   * @param options what to hand out besides, and whether other image sizes are accepted
   * @return the logits, no loss, and what else was asked for
   * @throws InvalidInputException if shapes or types do not fit the model
   * @throws ViTException if the engine fails
   * @throws IllegalStateException if the model is closed
   */
  public ImageClassifierOutput forward(Tensor pixelValues, ForwardOptions options) {
    return forward(pixelValues, null, options);
  }

  /**
   * Computes logits, and what else {@code options} asks for.
   *
   * @param pixelValues float32 [n, channels, height, width], as {@link ViTImageProcessor} makes
   *     them
   * @param labels for the loss: int64 [n] class indices (-100 leaves an image out), or float32 [n,
   *     labels] by problem type; null for no loss
   * @param options what to hand out besides, and whether other image sizes are accepted
   * @return the logits, the loss if there are labels, and what else was asked for
   * @throws InvalidInputException if shapes or types do not fit the model
   * @throws ViTException if the engine fails
   * @throws IllegalStateException if the model is closed
   */
  public ImageClassifierOutput forward(
      Tensor pixelValues, @Nullable Tensor labels, ForwardOptions options) {
    ViTOutputs outputs = model.run(model.inputs(pixelValues, null, options, Output.LOGITS));
    Tensor logits = PretrainedModel.delivered(outputs.logits(), Output.LOGITS);
    Float loss = labels == null ? null : Losses.classification(config(), logits, labels);
    return new ImageClassifierOutput(loss, logits, outputs.hiddenStates(), outputs.attentions());
  }

  @Override
  public void savePretrained(Path directory) {
    model.savePretrained(directory);
  }

  @Override
  public void close() {
    model.close();
  }
}
