package io.github.vit4j.hub;

import io.github.vit4j.config.Json;
import io.github.vit4j.config.TimmConfig;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.ConfigException;
import io.github.vit4j.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/**
 * A model directory in HuggingFace's form.
 *
 * @param directory holds {@code config.json} and usually {@code model.safetensors}
 */
record ModelDirectory(Path directory) implements ModelFiles {
  @Override
  public String name() {
    return directory.toString();
  }

  @Override
  public ViTConfig config() {
    return ViTConfig.fromPretrained(directory);
  }

  /**
   * In the order of {@code get_image_processor_dict} of image_processing_base.py: what transformers
   * 5 nests in the settings of a whole processor comes first. A model of timm has them in its
   * configuration.
   */
  @Override
  public Optional<ObjectNode> preprocessorConfig() {
    Optional<ObjectNode> nested =
        read(PROCESSOR_CONFIG)
            .flatMap(
                json ->
                    json.get("image_processor") instanceof ObjectNode processor
                        ? Optional.of(processor)
                        : Optional.empty());
    return nested
        .or(() -> read(PREPROCESSOR_CONFIG))
        .or(() -> read(ViTConfig.FILE_NAME).flatMap(TimmConfig::preprocessorConfig));
  }

  private Optional<ObjectNode> read(String name) {
    Path file = directory.resolve(name);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Json.readObject(file));
    } catch (IOException e) {
      throw new ConfigException("cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  @Override
  public Optional<Checkpoint> checkpoint() {
    if (!Checkpoint.existsIn(directory) && exportedOnnx().isPresent()) {
      return Optional.empty();
    }
    return Optional.of(Checkpoint.open(directory));
  }

  @Override
  public Optional<Path> exportedOnnx() {
    return Stream.of("model.onnx", "onnx/model.onnx")
        .map(directory::resolve)
        .filter(Files::isRegularFile)
        .findFirst();
  }
}
