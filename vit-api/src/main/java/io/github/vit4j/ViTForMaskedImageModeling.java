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
 * A Vision Transformer with a decoder that reconstructs the pixels of masked patches (SimMIM, Xie
 * et al., 2021): HuggingFace's class of that name ({@code
 * transformers/models/vit/modeling_vit.py}).
 *
 * <p>Thread-safe: one model serves any number of threads. Closing it releases the engine's memory.
 */
public final class ViTForMaskedImageModeling implements ViTPreTrainedModel {
  private final PretrainedModel model;

  private ViTForMaskedImageModeling(PretrainedModel model) {
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
  public static ViTForMaskedImageModeling fromPretrained(String model) {
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
  public static ViTForMaskedImageModeling fromPretrained(String model, LoadOptions options) {
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
  public static ViTForMaskedImageModeling fromPretrained(Path directory) {
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
  public static ViTForMaskedImageModeling fromPretrained(Path directory, LoadOptions options) {
    return fromPretrained(ModelFiles.of(directory), options);
  }

  /**
   * {@link #fromPretrained(String)}, from files that were found already.
   *
   * @param files of the model
   * @return a model that is the caller's to close
   * @throws ViTException if the model is corrupt or incomplete, or if no backend runs it
   */
  public static ViTForMaskedImageModeling fromPretrained(ModelFiles files) {
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
  public static ViTForMaskedImageModeling fromPretrained(ModelFiles files, LoadOptions options) {
    return new ViTForMaskedImageModeling(
        PretrainedModel.load(files, Architecture.VIT_FOR_MASKED_IMAGE_MODELING, options));
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
  public static ViTForMaskedImageModeling fromConfig(
      ViTConfig config, long seed, LoadOptions options) {
    return new ViTForMaskedImageModeling(
        PretrainedModel.random(config, Architecture.VIT_FOR_MASKED_IMAGE_MODELING, seed, options));
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
   * {@link #forward(Tensor, Tensor, ForwardOptions)} for the reconstruction and the loss alone.
   *
   * @param pixelValues float32 [n, channels, height, width], as {@link ViTImageProcessor} makes
   *     them
   * @param boolMaskedPos bool [n, patches], true where a patch is hidden; null hides nothing and
   *     gives no loss
   * @return the reconstruction, and the loss if there is a mask
   * @throws InvalidInputException if shapes or types do not fit the model, or if there is a mask
   *     while patch size and encoder stride differ
   * @throws ViTException if the engine fails
   * @throws IllegalStateException if the model is closed
   */
  public MaskedImageModelingOutput forward(Tensor pixelValues, @Nullable Tensor boolMaskedPos) {
    return forward(pixelValues, boolMaskedPos, ForwardOptions.defaults());
  }

  /**
   * Reconstructs images of which some patches are hidden.
   *
   * @param pixelValues float32 [n, channels, height, width], as {@link ViTImageProcessor} makes
   *     them
   * @param boolMaskedPos bool [n, patches], true where a patch is hidden; null hides nothing and
   *     gives no loss
   * @param options what to hand out besides, and whether other image sizes are accepted
   * @return the reconstruction, the loss if there is a mask, and what else was asked for
   * @throws InvalidInputException if shapes or types do not fit the model, or if there is a mask
   *     while patch size and encoder stride differ
   * @throws ViTException if the engine fails
   * @throws IllegalStateException if the model is closed
   */
  public MaskedImageModelingOutput forward(
      Tensor pixelValues, @Nullable Tensor boolMaskedPos, ForwardOptions options) {
    ViTInputs inputs = model.inputs(pixelValues, boolMaskedPos, options, Output.RECONSTRUCTION);
    ViTOutputs outputs = model.run(inputs);
    Tensor reconstruction =
        PretrainedModel.delivered(outputs.reconstruction(), Output.RECONSTRUCTION);
    Float loss =
        boolMaskedPos == null
            ? null
            : Losses.maskedReconstruction(config(), inputs, boolMaskedPos, reconstruction);
    return new MaskedImageModelingOutput(
        loss, reconstruction, outputs.hiddenStates(), outputs.attentions());
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
