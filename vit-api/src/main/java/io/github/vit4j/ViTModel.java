package io.github.vit4j;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.error.ViTException;
import io.github.vit4j.hub.ModelFiles;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.SessionInfo;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.tensor.Tensor;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A Vision Transformer without a head, for features: HuggingFace's class of that name ({@code
 * transformers/models/vit/modeling_vit.py}).
 *
 * <p>Thread-safe: one model serves any number of threads. Closing it releases the engine's memory.
 */
public final class ViTModel implements ViTPreTrainedModel {
  private final PretrainedModel model;

  private ViTModel(PretrainedModel model) {
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
  public static ViTModel fromPretrained(String model) {
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
  public static ViTModel fromPretrained(String model, LoadOptions options) {
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
  public static ViTModel fromPretrained(Path directory) {
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
  public static ViTModel fromPretrained(Path directory, LoadOptions options) {
    return fromPretrained(ModelFiles.of(directory), options);
  }

  /**
   * {@link #fromPretrained(String)}, from files that were found already.
   *
   * @param files of the model
   * @return a model that is the caller's to close
   * @throws ViTException if the model is corrupt or incomplete, or if no backend runs it
   */
  public static ViTModel fromPretrained(ModelFiles files) {
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
  public static ViTModel fromPretrained(ModelFiles files, LoadOptions options) {
    return new ViTModel(PretrainedModel.load(files, Architecture.VIT_MODEL, options));
  }

  /**
   * Makes a model with random weights, drawn as HuggingFace draws them, with the default options.
   *
   * @param config sizes and functions
   * @param seed the same seed gives the same weights everywhere
   * @return a model that is the caller's to close
   * @throws ViTException if no backend runs it
   */
  public static ViTModel fromConfig(ViTConfig config, long seed) {
    return fromConfig(config, seed, LoadOptions.defaults());
  }

  /**
   * {@link #fromConfig(ViTConfig, long)}, with options.
   *
   * @param config sizes and functions
   * @param seed the same seed gives the same weights everywhere
   * @param options backend, device and precision, and whether there is a pooler: there is one
   *     unless it is left out
   * @return a model that is the caller's to close
   * @throws ViTException if no backend runs it
   */
  public static ViTModel fromConfig(ViTConfig config, long seed, LoadOptions options) {
    return new ViTModel(PretrainedModel.random(config, Architecture.VIT_MODEL, seed, options));
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

  /** {@return whether there is a pooler, and so a pooler output} */
  public boolean hasPooler() {
    return model.definition().hasPooler();
  }

  /**
   * {@link #forward(Tensor, Tensor, ForwardOptions)} without a mask, for the features alone.
   *
   * @param pixelValues float32 [n, channels, height, width], as {@link ViTImageProcessor} makes
   *     them
   * @return the features of every token, and the pooler's output if there is a pooler
   * @throws InvalidInputException if shapes or types do not fit the model
   * @throws ViTException if the engine fails
   * @throws IllegalStateException if the model is closed
   */
  public BaseModelOutputWithPooling forward(Tensor pixelValues) {
    return forward(pixelValues, null, ForwardOptions.defaults());
  }

  /**
   * {@link #forward(Tensor, Tensor, ForwardOptions)} without a mask.
   *
   * @param pixelValues float32 [n, channels, height, width], as {@link ViTImageProcessor} makes
   *     them
   * @param options what to hand out besides, and whether other image sizes are accepted
   * @return the features, and what else was asked for
   * @throws InvalidInputException if shapes or types do not fit the model
   * @throws ViTException if the engine fails
   * @throws IllegalStateException if the model is closed
   */
  public BaseModelOutputWithPooling forward(Tensor pixelValues, ForwardOptions options) {
    return forward(pixelValues, null, options);
  }

  /**
   * Computes the features of every token, the pooler's output if there is a pooler, and what else
   * {@code options} asks for.
   *
   * @param pixelValues float32 [n, channels, height, width], as {@link ViTImageProcessor} makes
   *     them
   * @param boolMaskedPos bool [n, patches], true where a patch is hidden, for a checkpoint with a
   *     mask token; or null
   * @param options what to hand out besides, and whether other image sizes are accepted
   * @return the features, and what else was asked for
   * @throws InvalidInputException if shapes or types do not fit the model
   * @throws ViTException if the engine fails
   * @throws IllegalStateException if the model is closed
   */
  public BaseModelOutputWithPooling forward(
      Tensor pixelValues, @Nullable Tensor boolMaskedPos, ForwardOptions options) {
    ViTInputs inputs =
        hasPooler()
            ? model.inputs(
                pixelValues, boolMaskedPos, options, Output.LAST_HIDDEN_STATE, Output.POOLER_OUTPUT)
            : model.inputs(pixelValues, boolMaskedPos, options, Output.LAST_HIDDEN_STATE);
    ViTOutputs outputs = model.run(inputs);
    return new BaseModelOutputWithPooling(
        PretrainedModel.delivered(outputs.lastHiddenState(), Output.LAST_HIDDEN_STATE),
        outputs.poolerOutput(),
        outputs.hiddenStates(),
        outputs.attentions());
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
