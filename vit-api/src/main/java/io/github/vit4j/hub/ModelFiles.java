package io.github.vit4j.hub;

import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.CheckpointException;
import io.github.vit4j.error.ConfigException;
import io.github.vit4j.error.HubException;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.error.ModelNotFoundException;
import io.github.vit4j.error.OneLine;
import io.github.vit4j.weights.Checkpoint;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/**
 * The files of one model, wherever they lie. Reading is lazy, downloading too; immutable and
 * thread-safe. For a model on the hub, each method may throw a {@link HubException}.
 */
public sealed interface ModelFiles permits ModelDirectory, BundledModel, HubModel {
  /** The file name of the image processor's settings. */
  String PREPROCESSOR_CONFIG = "preprocessor_config.json";

  /**
   * The file name of a whole processor's settings, which transformers 5 writes for models that need
   * more than an image processor; the image processor's are nested in them.
   */
  String PROCESSOR_CONFIG = "processor_config.json";

  /** {@return how the model is called in messages: its path or name} */
  String name();

  /**
   * {@return the configuration}
   *
   * @throws ModelNotFoundException if there is none
   * @throws ConfigException if it is not a ViT's
   */
  ViTConfig config();

  /**
   * {@return the settings of the image processor, empty when the model comes without them}
   *
   * @throws ConfigException if they are not a JSON object
   */
  Optional<ObjectNode> preprocessorConfig();

  /**
   * {@return the weights, empty when the model comes without any that can be read}
   *
   * @throws CheckpointException if they are corrupt, or in a format that is not read
   */
  Optional<Checkpoint> checkpoint();

  /**
   * {@return a ready ONNX export ({@code model.onnx} or {@code onnx/model.onnx}), empty when there
   * is none}
   */
  Optional<Path> exportedOnnx();

  /**
   * The model of that name. One on the hub is looked up with the settings of the environment, see
   * {@link HubClient}; its files are downloaded when they are first needed, so this does not wait.
   *
   * @param model a directory; {@code builtin:NAME} for one that lies on the class path; or the id
   *     of one on the hub, {@code NAMESPACE/NAME}, also {@code NAMESPACE/NAME@REVISION} for a
   *     branch, a tag or a commit. A directory that is there comes first
   * @return its files
   * @throws ModelNotFoundException if it can be none of them; the message says what there is
   */
  static ModelFiles resolve(String model) {
    return resolve(model, Optional.empty(), HubClient::fromEnvironment);
  }

  /**
   * {@link #resolve(String)}, with a revision and a client for the hub.
   *
   * @param model as {@link #resolve(String)} takes it
   * @param revision of a model on the hub; empty for the one in its id, or {@code main}
   * @param hub asked for a client only if the model is on the hub
   * @return its files
   * @throws ModelNotFoundException if it can be no model's name
   * @throws InvalidInputException if a revision is given for a model that is not on the hub, or one
   *     here and another in the id
   */
  static ModelFiles resolve(String model, Optional<String> revision, Supplier<HubClient> hub) {
    if (model.startsWith(BundledModel.PREFIX)) {
      HubModelId.requireNoRevision(model, revision);
      return BundledModel.find(model.substring(BundledModel.PREFIX.length()));
    }
    try {
      Path directory = Path.of(model);
      if (Files.exists(directory)) {
        HubModelId.requireNoRevision(model, revision);
        return of(directory);
      }
    } catch (InvalidPathException e) {
      // not a path, so not a directory
    }
    return HubModelId.parse(model)
        .map(id -> id.at(revision))
        .map(id -> hub.get().files(id.name(), id.revision()))
        .orElseThrow(
            () ->
                new ModelNotFoundException(
                    "no model at '%s': give a directory with config.json and model.safetensors, the id of a model on the hub like google/vit-base-patch16-224, or one of %s"
                        .formatted(OneLine.of(model, 200), BundledModel.describeAll())));
  }

  /**
   * {@return the files of the model in a directory}
   *
   * @param directory in HuggingFace's form
   * @throws ModelNotFoundException if it is not a directory with a {@code config.json}
   */
  static ModelFiles of(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new ModelNotFoundException(
          Files.exists(directory)
              ? "%s is a file; give the directory that holds config.json and model.safetensors"
                  .formatted(directory)
              : "there is no directory %s".formatted(directory));
    }
    if (!Files.isRegularFile(directory.resolve(ViTConfig.FILE_NAME))) {
      throw new ModelNotFoundException(
          "%s holds no %s; give a directory in HuggingFace's form"
              .formatted(directory, ViTConfig.FILE_NAME));
    }
    return new ModelDirectory(directory);
  }

  /** {@return the names of the models on the class path, each to be used after {@code builtin:}} */
  static Stream<String> builtin() {
    return BundledModel.names().stream();
  }
}
