package io.github.vit4j.conformance;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.Json;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.CheckpointException;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.ParameterNames;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The float32 weights of a model that is too large to be stored; {@code reference/full_size.py}
 * draws the same. By canonical names: matrices (and the patch projection) are u *
 * 2^-floor(log2(sqrt(fan in))), so that what they give is of the magnitude of what they take;
 * LayerNorm weights are 1 + u / 4, biases u / 8, tokens and positions u, with u of {@link
 * SeededNumbers}.
 *
 * @param shapes by canonical name, in HuggingFace's order
 */
record FullSizeWeights(Architecture architecture, long seed, Map<String, long[]> shapes) {
  /** A {@code ViTModel} has a pooler. */
  static FullSizeWeights of(ViTConfig config, Architecture architecture, long seed) {
    Map<String, long[]> shapes = new LinkedHashMap<>(ParameterNames.required(config, architecture));
    if (architecture == Architecture.VIT_MODEL) {
      shapes.putAll(ParameterNames.pooler(config));
    }
    return new FullSizeWeights(architecture, seed, shapes);
  }

  /** Writes the parameter of that canonical name. */
  void draw(String name, MemorySegment floats) {
    SeededNumbers numbers = new SeededNumbers(seed, name);
    if (name.contains("layernorm") && name.endsWith(".weight")) {
      numbers.fill(floats, 0.25, 1);
    } else if (name.endsWith(".bias")) {
      numbers.fill(floats, 0.125, 0);
    } else if (name.endsWith("token") || name.endsWith("embeddings")) {
      numbers.fill(floats, 1, 0);
    } else {
      long[] shape = shape(name);
      long fanIn = Tensor.elementCount(Arrays.copyOfRange(shape, 1, shape.length));
      int logarithm = 63 - Long.numberOfLeadingZeros(fanIn);
      numbers.fill(floats, Math.scalb(1.0, -(logarithm / 2)), 0);
    }
  }

  private long[] shape(String name) {
    return Objects.requireNonNull(shapes.get(name), name);
  }

  private static long byteSize(long[] shape) {
    return Tensor.elementCount(shape) * Float.BYTES;
  }

  private String nameOnDisk(String name) {
    boolean head = name.startsWith("classifier.") || name.startsWith("decoder.");
    return architecture == Architecture.VIT_MODEL || head ? name : "vit." + name;
  }

  /** Length and JSON, padded so that the data is aligned. */
  private byte[] header(Map<String, Long> offsets) {
    ObjectNode json = Json.object();
    json.putObject("__metadata__").put("format", "pt");
    offsets.forEach(
        (name, offset) -> {
          long[] shape = shape(name);
          ObjectNode entry = json.putObject(nameOnDisk(name));
          entry.put("dtype", "F32");
          ArrayNode dimensions = entry.putArray("shape");
          for (long dimension : shape) {
            dimensions.add(dimension);
          }
          entry.putArray("data_offsets").add(offset).add(offset + byteSize(shape));
        });
    byte[] text = Json.toString(json).getBytes(StandardCharsets.UTF_8);
    int length = (text.length + 7) / 8 * 8;
    MemorySegment bytes = MemorySegment.ofArray(new byte[8 + length]);
    bytes.asSlice(8).fill((byte) ' ');
    bytes.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, length);
    MemorySegment.copy(text, 0, bytes, ValueLayout.JAVA_BYTE, 8, text.length);
    return bytes.toArray(ValueLayout.JAVA_BYTE);
  }

  private Map<String, Long> offsets() {
    Map<String, Long> offsets = new TreeMap<>();
    long offset = 0;
    for (String name : shapes.keySet().stream().sorted().toList()) {
      offsets.put(name, offset);
      offset += byteSize(shape(name));
    }
    return offsets;
  }

  /** Of the file that {@link #write} writes. */
  long byteSize() {
    return header(offsets()).length
        + shapes.values().stream().mapToLong(FullSizeWeights::byteSize).sum();
  }

  /**
   * Writes a safetensors file through a mapping, so that its size is needed on disk and nowhere
   * else.
   *
   * @throws CheckpointException if there is too little space or the file cannot be written
   */
  void write(Path file) {
    Map<String, Long> offsets = offsets();
    byte[] header = header(offsets);
    long size = byteSize();
    try {
      Files.deleteIfExists(file);
      long space = Files.getFileStore(file.toAbsolutePath().getParent()).getUsableSpace();
      // Writing to a mapping that the disk has no room for would end the process.
      if (space < size) {
        throw new CheckpointException(
            "cannot write %s: it takes %d bytes, but only %d are free; choose another directory"
                .formatted(file, size, space));
      }
      try (Arena arena = Arena.ofShared();
          FileChannel channel =
              FileChannel.open(
                  file,
                  StandardOpenOption.CREATE_NEW,
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE)) {
        MemorySegment bytes = channel.map(FileChannel.MapMode.READ_WRITE, 0, size, arena);
        MemorySegment.copy(header, 0, bytes, ValueLayout.JAVA_BYTE, 0, header.length);
        offsets.forEach(
            (name, offset) ->
                draw(name, bytes.asSlice(header.length + offset, byteSize(shape(name)))));
      }
    } catch (IOException e) {
      throw new CheckpointException("cannot write %s: %s".formatted(file, e), e);
    }
  }
}
