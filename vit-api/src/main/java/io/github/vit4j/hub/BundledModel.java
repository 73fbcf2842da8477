package io.github.vit4j.hub;

import io.github.vit4j.config.Json;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.CheckpointException;
import io.github.vit4j.error.ConfigException;
import io.github.vit4j.error.ModelNotFoundException;
import io.github.vit4j.weights.Checkpoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A model whose files lie on the class path under {@code io/github/vit4j/models/NAME/}. A jar that
 * brings models lists their names, one a line, in {@code META-INF/vit4j/models}.
 *
 * @param modelName the name after {@code builtin:}
 * @param classLoader sees the files
 */
record BundledModel(String modelName, ClassLoader classLoader) implements ModelFiles {
  static final String PREFIX = "builtin:";

  private static final String INDEX = "META-INF/vit4j/models";
  private static final String ROOT = "io/github/vit4j/models/";
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]*");

  static BundledModel find(String modelName) {
    if (!names().contains(modelName)) {
      throw new ModelNotFoundException(
          "no model is built in as '%s'; there is %s".formatted(modelName, describeAll()));
    }
    return new BundledModel(modelName, loader());
  }

  static NavigableSet<String> names() {
    NavigableSet<String> names = new TreeSet<>();
    try {
      for (URL index : Collections.list(loader().getResources(INDEX))) {
        try (InputStream in = index.openStream()) {
          List<String> lines =
              new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
          lines.stream().map(String::strip).filter(NAME.asMatchPredicate()).forEach(names::add);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list the models on the class path", e);
    }
    return names;
  }

  static String describeAll() {
    String all = names().stream().map(PREFIX::concat).collect(Collectors.joining(", "));
    return all.isEmpty() ? "no built-in model on the class path" : all;
  }

  private static ClassLoader loader() {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    return context != null ? context : BundledModel.class.getClassLoader();
  }

  @Override
  public String name() {
    return PREFIX + modelName;
  }

  @Override
  public ViTConfig config() {
    byte[] bytes = read(ViTConfig.FILE_NAME);
    if (bytes == null) {
      throw new ModelNotFoundException("%s lacks %s".formatted(name(), ViTConfig.FILE_NAME));
    }
    return ViTConfig.fromJson(parse(ViTConfig.FILE_NAME, bytes));
  }

  @Override
  public Optional<ObjectNode> preprocessorConfig() {
    return Optional.ofNullable(read(PREPROCESSOR_CONFIG))
        .map(bytes -> parse(PREPROCESSOR_CONFIG, bytes));
  }

  @Override
  public Optional<Checkpoint> checkpoint() {
    byte[] bytes = read(Checkpoint.FILE_NAME);
    if (bytes == null) {
      return Optional.empty();
    }
    MemorySegment memory = Arena.ofAuto().allocate(bytes.length, Long.BYTES);
    memory.copyFrom(MemorySegment.ofArray(bytes));
    return Optional.of(Checkpoint.open(name(), memory));
  }

  @Override
  public Optional<Path> exportedOnnx() {
    return Optional.empty();
  }

  private ObjectNode parse(String file, byte[] bytes) {
    try {
      return Json.readObject(bytes);
    } catch (IOException e) {
      throw new ConfigException(
          "cannot read %s of %s: %s".formatted(file, name(), e.getMessage()), e);
    }
  }

  private byte @Nullable [] read(String file) {
    try (InputStream in = classLoader.getResourceAsStream(ROOT + modelName + "/" + file)) {
      return in == null ? null : in.readAllBytes();
    } catch (IOException e) {
      throw new CheckpointException(
          "cannot read %s of %s: %s".formatted(file, name(), e.getMessage()), e);
    }
  }
}
