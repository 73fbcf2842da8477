package io.github.vit4j.weights;

import io.github.vit4j.error.CheckpointException;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads and writes safetensors files, the format of HuggingFace's checkpoints: a little-endian
 * 64-bit header length, a JSON header, the tensors' bytes. Source: {@code
 * safetensors/src/tensor.rs} of <a href="https://github.com/huggingface/safetensors">the reference
 * implementation</a>, whose checks this reader repeats and whose bytes this writer reproduces.
 */
public final class Safetensors {
  private static final int LENGTH_BYTES = 8;

  /** What one write call is given: no buffer can be larger than 2 GiB. */
  private static final long CHUNK = 64L << 20;

  private Safetensors() {}

  /**
   * Views the tensors of a file.
   *
   * @throws CheckpointException if it is not valid
   */
  static Contents read(MappedFile file) {
    String source = file.source();
    MemorySegment bytes = file.bytes();
    long size = bytes.byteSize();
    if (size < LENGTH_BYTES) {
      throw SafetensorsHeader.invalid(source, "it has only " + size + " bytes");
    }
    long length = bytes.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
    if (length < 0 || length > SafetensorsHeader.MAX_BYTES) {
      throw SafetensorsHeader.invalid(
          source,
          "its header length is %s, more than %d"
              .formatted(Long.toUnsignedString(length), SafetensorsHeader.MAX_BYTES));
    }
    if (length > size - LENGTH_BYTES) {
      throw SafetensorsHeader.invalid(
          source,
          "its header length is %d, but only %d bytes follow; it is truncated, fetch it again"
              .formatted(length, size - LENGTH_BYTES));
    }
    byte[] json = bytes.asSlice(LENGTH_BYTES, length).toArray(ValueLayout.JAVA_BYTE);
    long dataStart = LENGTH_BYTES + length;
    SafetensorsHeader header = SafetensorsHeader.parse(source, json, size - dataStart);
    Map<String, Weight> weights = new LinkedHashMap<>();
    Map<String, String> unsupported = new LinkedHashMap<>();
    for (SafetensorsHeader.Entry entry : header.entries()) {
      ElementType type = ElementType.ofSafetensorsName(entry.dtype()).orElse(null);
      if (type == null) {
        unsupported.put(entry.name(), entry.dtype());
        continue;
      }
      long offset = dataStart + entry.begin();
      long byteSize = entry.end() - entry.begin();
      Tensor tensor = Tensor.of(bytes.asSlice(offset, byteSize), type, entry.shape());
      weights.put(entry.name(), new Weight(entry.name(), tensor, file.region(offset, byteSize)));
    }
    return new Contents(weights, unsupported, header.metadata());
  }

  /**
   * Writes a file whose bytes are those of Python's {@code safetensors.torch.save_file} for the
   * same tensors and metadata. The file appears complete or not at all: it is written under another
   * name in the same directory, forced to disk, then renamed.
   *
   * @param file what to write, in a directory that is there
   * @param tensors by name
   * @param metadata written to the header when not empty, sorted by name; transformers expects
   *     {@code format=pt}
   * @throws CheckpointException if the file cannot be written, for example for lack of space;
   *     nothing is left behind then
   * @throws IllegalArgumentException if a tensor is named {@code __metadata__}
   */
  public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
    if (tensors.containsKey(SafetensorsHeader.METADATA)) {
      throw new IllegalArgumentException("no tensor can be named " + SafetensorsHeader.METADATA);
    }
    List<Map.Entry<String, Tensor>> ordered =
        tensors.entrySet().stream().sorted(Safetensors::compareInFile).toList();
    byte[] header = header(ordered, metadata);
    if (header.length > SafetensorsHeader.MAX_BYTES) {
      throw new CheckpointException(
          "cannot write %s: its header would have %d bytes, more than %d"
              .formatted(file, header.length, SafetensorsHeader.MAX_BYTES));
    }
    try {
      AtomicFile.write(file, channel -> writeAll(channel, header, ordered));
    } catch (IOException e) {
      throw new CheckpointException("cannot write %s: %s".formatted(file, reason(e)), e);
    }
  }

  private static void writeAll(
      FileChannel channel, byte[] header, List<Map.Entry<String, Tensor>> ordered)
      throws IOException {
    ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    writeFully(channel, length.putLong(0, header.length));
    writeFully(channel, ByteBuffer.wrap(header));
    for (Map.Entry<String, Tensor> entry : ordered) {
      MemorySegment data = entry.getValue().data();
      for (long offset = 0; offset < data.byteSize(); offset += CHUNK) {
        MemorySegment chunk = data.asSlice(offset, Math.min(CHUNK, data.byteSize() - offset));
        writeFully(
            channel,
            chunk.isNative()
                ? chunk.asByteBuffer()
                : ByteBuffer.wrap(chunk.toArray(ValueLayout.JAVA_BYTE)));
      }
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /** The widest types first, so that every tensor is aligned; then by the names' UTF-8 bytes. */
  private static int compareInFile(
      Map.Entry<String, Tensor> left, Map.Entry<String, Tensor> right) {
    int byType =
        Integer.compare(rank(left.getValue().elementType()), rank(right.getValue().elementType()));
    return byType != 0
        ? byType
        : Arrays.compareUnsigned(
            left.getKey().getBytes(StandardCharsets.UTF_8),
            right.getKey().getBytes(StandardCharsets.UTF_8));
  }

  /** The reverse of the order in which the reference implementation declares the types. */
  private static int rank(ElementType type) {
    return switch (type) {
      case INT64 -> 0;
      case FLOAT64 -> 1;
      case FLOAT32 -> 2;
      case INT32 -> 3;
      case BFLOAT16 -> 4;
      case FLOAT16 -> 5;
      case INT16 -> 6;
      case INT8 -> 7;
      case UINT8 -> 8;
      case BOOL -> 9;
    };
  }

  private static byte[] header(
      List<Map.Entry<String, Tensor>> ordered, Map<String, String> metadata) {
    StringBuilder json = new StringBuilder("{");
    if (!metadata.isEmpty()) {
      quote(SafetensorsHeader.METADATA, json);
      json.append(":{");
      new TreeMap<>(metadata)
          .forEach(
              (key, value) -> {
                quote(key, json);
                json.append(':');
                quote(value, json);
                json.append(',');
              });
      json.setLength(json.length() - 1);
      json.append("},");
    }
    long offset = 0;
    for (Map.Entry<String, Tensor> entry : ordered) {
      Tensor tensor = entry.getValue();
      quote(entry.getKey(), json);
      json.append(":{\"dtype\":\"").append(tensor.elementType().safetensorsName());
      json.append("\",\"shape\":[");
      for (int i = 0; i < tensor.rank(); i++) {
        json.append(i == 0 ? "" : ",").append(tensor.dimension(i));
      }
      long end = offset + tensor.data().byteSize();
      json.append("],\"data_offsets\":[").append(offset).append(',').append(end).append("]},");
      offset = end;
    }
    if (json.length() > 1) {
      json.setLength(json.length() - 1);
    }
    byte[] text = json.append('}').toString().getBytes(StandardCharsets.UTF_8);
    // Spaces up to a multiple of 8, so that the data starts aligned.
    byte[] padded = Arrays.copyOf(text, (text.length + 7) / 8 * 8);
    Arrays.fill(padded, text.length, padded.length, (byte) ' ');
    return padded;
  }

  /** As Rust's serde_json does: everything but quotes, backslashes and controls as it is. */
  private static void quote(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < 0x20) {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  /** A file system's exception often has the file's name alone as its message. */
  static String reason(IOException e) {
    String message = e.getMessage();
    return e.getClass().getSimpleName()
        + (message == null ? "" : ": " + message.lines().findFirst().orElse(""));
  }
}
