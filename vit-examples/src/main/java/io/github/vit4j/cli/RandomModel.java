package io.github.vit4j.cli;

import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.ViTImageProcessor.ChannelValues;
import io.github.vit4j.bench.ProcessMemory;
import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.CheckpointException;
import io.github.vit4j.error.ConfigException;
import io.github.vit4j.hub.ModelWriter;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.ParameterNames;
import io.github.vit4j.weights.RandomWeights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Writes model directories with random weights, complete or not at all. */
final class RandomModel {
  private RandomModel() {}

  /**
   * Writes {@code config.json}, {@code model.safetensors} and {@code preprocessor_config.json}.
   *
   * @param force whether files of a model that is there may be replaced
   * @throws CheckpointException if the directory is in use, or cannot be written
   */
  static void write(
      Path directory, ViTConfig config, Architecture architecture, long seed, boolean force)
      throws IOException {
    Path target = directory.toAbsolutePath().normalize();
    Path parent = target.getParent();
    if (parent == null) {
      throw new CheckpointException("%s is no place for a model".formatted(directory));
    }
    boolean occupied = isOccupied(directory, target);
    if (occupied && !force) {
      throw new CheckpointException(
          "%s is not empty; name a new directory, or replace the model in it with --force"
              .formatted(directory));
    }
    Path existingParent = existing(parent);
    if (!Files.isDirectory(existingParent) || !Files.isWritable(existingParent)) {
      throw new CheckpointException(
          "cannot write %s: no permission to write in %s".formatted(directory, existingParent));
    }
    checkSpace(existingParent, config, architecture);
    Files.createDirectories(parent);
    Path draft = parent.resolve("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      ModelWriter.write(
          draft, config, architecture, RandomWeights.create(config, architecture, true, seed));
      ViTImageProcessor.Builder processor =
          ViTImageProcessor.builder().size(config.imageSize().height(), config.imageSize().width());
      if (config.numChannels() == 1) {
        ChannelValues half = ChannelValues.of(List.of(0.5));
        processor.imageMean(half).imageStd(half);
      }
      processor.build().savePretrained(draft);
      if (occupied) {
        moveFiles(draft, target);
      } else {
        Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
      }
    } finally {
      delete(draft);
    }
  }

  private static boolean isOccupied(Path given, Path target) throws IOException {
    if (!Files.exists(target)) {
      return false;
    }
    if (!Files.isDirectory(target)) {
      throw new CheckpointException("%s is a file; name a directory".formatted(given));
    }
    try (Stream<Path> children = Files.list(target)) {
      return children.findAny().isPresent();
    }
  }

  private static Path existing(Path path) {
    Path parent = path;
    while (!Files.exists(parent) && parent.getParent() != null) {
      parent = parent.getParent();
    }
    return parent;
  }

  /** A mistyped size is found out here rather than when memory or disk is full. */
  private static void checkSpace(Path place, ViTConfig config, Architecture architecture)
      throws IOException {
    long needed = 0;
    try {
      for (Map.Entry<String, long[]> parameter :
          ParameterNames.required(config, architecture).entrySet()) {
        needed =
            Math.addExact(
                needed,
                Math.multiplyExact(Tensor.elementCount(parameter.getValue()), (long) Float.BYTES));
      }
    } catch (ArithmeticException | IllegalArgumentException e) {
      throw new ConfigException("a model of these sizes does not fit anywhere; check them", e);
    }
    long usable = Files.getFileStore(place).getUsableSpace();
    long memory = ProcessMemory.machineBytes();
    if (needed > Math.min(usable, memory)) {
      throw new ConfigException(
          "the weights of this model take %s, but there are %s of disk and %s of memory; check the sizes"
              .formatted(
                  ProcessMemory.describe(needed),
                  ProcessMemory.describe(usable),
                  ProcessMemory.describe(memory)));
    }
  }

  private static void moveFiles(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.move(file, to.resolve(file.getFileName()), StandardCopyOption.ATOMIC_MOVE);
      }
    }
  }

  private static void delete(@Nullable Path directory) throws IOException {
    if (directory == null || !Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(directory);
  }
}
