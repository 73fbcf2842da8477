package io.github.vit4j.conformance;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.Json;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.CheckpointException;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.ModelSource;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.Checkpoint;
import io.github.vit4j.weights.ModelWeights;
import io.github.vit4j.weights.Weight;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A model and what transformers computes from it. See {@link ReferenceCases}.
 *
 * <p>Thread-safe.
 */
public final class ReferenceCase {
  private final String name;
  private final Architecture architecture;
  private final @Nullable Long seed;

  /**
   * @param seed of the weights, null where they are stored
   */
  ReferenceCase(String name, Architecture architecture, @Nullable Long seed) {
    this.name = name;
    this.architecture = architecture;
    this.seed = seed;
  }

  /** {@return the name, unique among the cases, for example {@code model_with_pooler}} */
  public String name() {
    return name;
  }

  /** {@return which head the model has} */
  public Architecture architecture() {
    return architecture;
  }

  /** {@return whether the weights are drawn and not stored} */
  public boolean isFullSize() {
    return seed != null;
  }

  /** {@return the model's {@code config.json}; read anew at every call} */
  public ViTConfig config() {
    try {
      return ViTConfig.fromJson(Json.readObject(resource(ViTConfig.FILE_NAME)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@return what the model is run on; read anew at every call} */
  public List<ReferenceRun> runs() {
    return RunsFile.read(name + "/runs.safetensors", resource("runs.safetensors"));
  }

  /** {@return the size of the weights' file in bytes} */
  public long byteSize() {
    return seed == null ? resource(Checkpoint.FILE_NAME).length : fullSizeWeights(seed).byteSize();
  }

  /**
   * Writes {@code config.json} and {@code model.safetensors} into a directory. For models of full
   * size that takes seconds and {@link #byteSize} on disk, not in memory.
   *
   * @param directory created where it is not there
   * @return the directory
   * @throws CheckpointException if there is too little space or a file cannot be written
   */
  public Path writeTo(Path directory) {
    try {
      Files.createDirectories(directory);
      Files.write(directory.resolve(ViTConfig.FILE_NAME), resource(ViTConfig.FILE_NAME));
      Path file = directory.resolve(Checkpoint.FILE_NAME);
      if (seed == null) {
        Files.write(file, resource(Checkpoint.FILE_NAME));
      } else {
        fullSizeWeights(seed).write(file);
      }
      return directory;
    } catch (IOException e) {
      throw new CheckpointException("cannot write into %s: %s".formatted(directory, e), e);
    }
  }

  private FullSizeWeights fullSizeWeights(long of) {
    return FullSizeWeights.of(config(), architecture, of);
  }

  /**
   * {@return the model's directory, written to the temporary folder at the first call and deleted
   * when the JVM ends}
   *
   * @throws IllegalStateException if this is a model of full size
   */
  public Path directory() {
    if (seed != null) {
      throw new IllegalStateException(
          "%s takes %d bytes; write it to a directory of your own with writeTo"
              .formatted(name, byteSize()));
    }
    return ExtractedCases.directory(this);
  }

  /**
   * {@return the model with weights that are mapped from {@link #directory}}
   *
   * @throws IllegalStateException if this is a model of full size
   */
  public ModelDefinition model() {
    return definition(directory(), architecture);
  }

  /**
   * {@return the same model with weights that lie in memory only}
   *
   * @throws IllegalStateException if this is a model of full size
   */
  public ModelDefinition modelInMemory() {
    ModelDefinition model = model();
    Map<String, Weight> copies = new LinkedHashMap<>();
    ((ModelSource.Weights) model.source())
        .byName()
        .forEach((key, weight) -> copies.put(key, Weight.of(weight.name(), copy(weight.tensor()))));
    return new ModelDefinition(
        model.config(), model.architecture(), new ModelSource.Weights(copies));
  }

  private static Tensor copy(Tensor tensor) {
    Tensor copy = Tensor.allocate(tensor.elementType(), tensor.shape());
    copy.data().copyFrom(tensor.data());
    return copy;
  }

  /**
   * {@return the model in a directory, with weights that are mapped from it and a pooler if they
   * have one}
   *
   * @param directory as {@link #writeTo} writes it
   * @param architecture which head the model has
   */
  public static ModelDefinition definition(Path directory, Architecture architecture) {
    ViTConfig config = ViTConfig.fromPretrained(directory);
    Map<String, Weight> weights =
        ModelWeights.resolve(
            Checkpoint.open(directory),
            config,
            architecture,
            Optional.empty(),
            OptionalLong.empty());
    return new ModelDefinition(config, architecture, new ModelSource.Weights(weights));
  }

  private byte[] resource(String file) {
    return ReferenceCases.resource(name + "/" + file);
  }

  /** {@return the name} */
  @Override
  public String toString() {
    return name;
  }
}
