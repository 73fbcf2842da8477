package io.github.vit4j.hub;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.Json;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.CheckpointException;
import io.github.vit4j.error.ConfigException;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.AtomicFile;
import io.github.vit4j.weights.Checkpoint;
import io.github.vit4j.weights.CheckpointNames;
import io.github.vit4j.weights.Safetensors;
import io.github.vit4j.weights.Weight;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/** Writes model directories that HuggingFace's {@code from_pretrained} loads. */
public final class ModelWriter {
  private ModelWriter() {}

  /**
   * Writes {@code config.json} and {@code model.safetensors}. Each file appears whole or not at
   * all.
   *
   * @param directory made if it is not there
   * @param config what {@code config.json} says, but for the fields that the weights and the class
   *     decide
   * @param architecture the class that the files are for, which decides the weights' names
   * @param weights by canonical name, in any floating-point type; kept as they are
   * @throws CheckpointException if the files cannot be written
   */
  public static void write(
      Path directory, ViTConfig config, Architecture architecture, Map<String, Weight> weights) {
    Map<String, Tensor> tensors = new HashMap<>();
    weights.forEach(
        (name, weight) -> tensors.put(CheckpointNames.saved(name, architecture), weight.tensor()));
    Set<ElementType> types =
        tensors.values().stream().map(Tensor::elementType).collect(Collectors.toSet());
    ElementType type = types.size() == 1 ? types.iterator().next() : ElementType.FLOAT32;
    ViTConfig saved =
        config.toBuilder()
            .dtype(type.toString())
            .additionalField("architectures", Json.array(architecture.toString()))
            .build();
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new CheckpointException("cannot make the directory %s: %s".formatted(directory, e), e);
    }
    Safetensors.write(directory.resolve(Checkpoint.FILE_NAME), tensors, Map.of("format", "pt"));
    writeJson(directory.resolve(ViTConfig.FILE_NAME), saved.toJson());
  }

  /**
   * Writes JSON as Python does, replacing the file in one step.
   *
   * @param file what to write; its directory is made if it is not there
   * @param json what it is to hold
   * @throws ConfigException if the file cannot be written
   */
  public static void writeJson(Path file, ObjectNode json) {
    byte[] text = (Json.toPrettyString(json) + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      AtomicFile.write(
          file,
          channel -> {
            ByteBuffer buffer = ByteBuffer.wrap(text);
            while (buffer.hasRemaining()) {
              channel.write(buffer);
            }
          });
    } catch (IOException e) {
      throw new ConfigException("cannot write %s: %s".formatted(file, e), e);
    }
  }
}
