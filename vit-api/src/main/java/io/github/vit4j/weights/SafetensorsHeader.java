package io.github.vit4j.weights;

import io.github.vit4j.config.Json;
import io.github.vit4j.error.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The header of a safetensors file, checked as the reference implementation does ({@code
 * safetensors/src/tensor.rs}): afterwards every tensor lies inside the data, has exactly the bytes
 * its shape needs, and the tensors fill the data without holes or overlaps.
 *
 * @param entries in the order of their data
 * @param metadata the free strings of {@code __metadata__}
 */
record SafetensorsHeader(List<Entry> entries, Map<String, String> metadata) {
  /** The limit of the reference implementation. */
  static final long MAX_BYTES = 100_000_000;

  static final String METADATA = "__metadata__";

  /** More than any array library supports; keeps messages short. */
  private static final int MAX_RANK = 64;

  /** The types that the format knows, with their bits per element. */
  private static final Map<String, Integer> BITS =
      Map.ofEntries(
          Map.entry("BOOL", 8),
          Map.entry("F4", 4),
          Map.entry("F6_E2M3", 6),
          Map.entry("F6_E3M2", 6),
          Map.entry("U8", 8),
          Map.entry("I8", 8),
          Map.entry("F8_E5M2", 8),
          Map.entry("F8_E4M3", 8),
          Map.entry("F8_E8M0", 8),
          Map.entry("F8_E4M3FNUZ", 8),
          Map.entry("F8_E5M2FNUZ", 8),
          Map.entry("I16", 16),
          Map.entry("U16", 16),
          Map.entry("F16", 16),
          Map.entry("BF16", 16),
          Map.entry("I32", 32),
          Map.entry("U32", 32),
          Map.entry("F32", 32),
          Map.entry("C64", 64),
          Map.entry("F64", 64),
          Map.entry("I64", 64),
          Map.entry("U64", 64));

  /** One tensor; offsets are relative to the data. */
  @SuppressWarnings("ArrayRecordComponent") // package-private and never compared
  record Entry(String name, String dtype, long[] shape, long begin, long end) {}

  /**
   * Parses and checks.
   *
   * @param source what to call the file in messages
   * @param json the header's bytes
   * @param dataSize how many bytes follow the header
   * @throws CheckpointException if anything is wrong
   */
  static SafetensorsHeader parse(String source, byte[] json, long dataSize) {
    if (json.length == 0 || json[0] != '{') {
      throw invalid(source, "the header does not start with '{'");
    }
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json));
    } catch (CharacterCodingException e) {
      throw invalid(source, "the header is not UTF-8 text", e);
    }
    ObjectNode root;
    try {
      root = Json.readObject(json);
    } catch (IOException e) {
      String problem = String.valueOf(e.getMessage());
      throw invalid(source, "the header is " + problem, e);
    }
    List<Entry> entries = new ArrayList<>();
    Map<String, String> metadata = Map.of();
    for (Map.Entry<String, JsonNode> property : root.properties()) {
      if (property.getKey().equals(METADATA)) {
        metadata = metadata(source, property.getValue());
      } else {
        entries.add(entry(source, property.getKey(), property.getValue()));
      }
    }
    entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    checkLayout(source, entries, dataSize);
    return new SafetensorsHeader(List.copyOf(entries), metadata);
  }

  private static Map<String, String> metadata(String source, JsonNode node) {
    if (node.isNull()) {
      return Map.of();
    }
    if (!node.isObject()) {
      throw invalid(source, "__metadata__ is not an object");
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> property : node.properties()) {
      if (!property.getValue().isString()) {
        throw invalid(
            source, "__metadata__ " + Messages.quote(property.getKey()) + " is not a string");
      }
      metadata.put(property.getKey(), property.getValue().stringValue());
    }
    return Collections.unmodifiableMap(metadata);
  }

  private static Entry entry(String source, String name, JsonNode node) {
    String tensor = "tensor " + Messages.quote(name);
    if (!node.isObject()) {
      throw invalid(source, tensor + " is not described by an object");
    }
    JsonNode dtype = node.get("dtype");
    if (dtype == null || !dtype.isString()) {
      throw invalid(source, tensor + " has no dtype");
    }
    if (!BITS.containsKey(dtype.stringValue())) {
      throw invalid(
          source, tensor + " has the unknown dtype " + Messages.quote(dtype.stringValue()));
    }
    long[] shape = numbers(source, tensor, "shape", node.get("shape"));
    long[] offsets = numbers(source, tensor, "data_offsets", node.get("data_offsets"));
    if (offsets.length != 2) {
      throw invalid(source, tensor + " has " + offsets.length + " data_offsets, expected 2");
    }
    return new Entry(name, dtype.stringValue(), shape, offsets[0], offsets[1]);
  }

  private static long[] numbers(
      String source, String tensor, String field, @Nullable JsonNode node) {
    if (node == null || !node.isArray() || node.size() > MAX_RANK) {
      throw invalid(source, "%s has no valid %s (an array of sizes)".formatted(tensor, field));
    }
    long[] numbers = new long[node.size()];
    for (int i = 0; i < numbers.length; i++) {
      JsonNode number = node.get(i);
      if (!number.isIntegralNumber() || !number.canConvertToLong() || number.longValue() < 0) {
        throw invalid(
            source,
            "%s has %s in its %s, expected integers from 0 to 2^63 - 1"
                .formatted(tensor, Messages.quote(number.toString()), field));
      }
      numbers[i] = number.longValue();
    }
    return numbers;
  }

  private static void checkLayout(String source, List<Entry> entries, long dataSize) {
    long position = 0;
    for (Entry entry : entries) {
      String tensor = "tensor " + Messages.quote(entry.name);
      if (entry.end < entry.begin) {
        throw invalid(
            source, "%s ends at %d, before its begin %d".formatted(tensor, entry.end, entry.begin));
      }
      if (entry.begin != position) {
        throw invalid(
            source,
            "%s begins at %d, but the data before it ends at %d (%s)"
                .formatted(
                    tensor, entry.begin, position, entry.begin > position ? "a hole" : "overlap"));
      }
      long needed = byteSize(source, tensor, entry);
      if (entry.end - entry.begin != needed) {
        throw invalid(
            source,
            "%s (%s of rank %d) needs %d bytes, its data_offsets span %d"
                .formatted(
                    tensor, entry.dtype, entry.shape.length, needed, entry.end - entry.begin));
      }
      position = entry.end;
    }
    if (position != dataSize) {
      throw invalid(
          source,
          "its tensors take %d bytes, but %d follow the header; it is %s, fetch it again"
              .formatted(
                  position, dataSize, dataSize < position ? "truncated" : "longer than it should"));
    }
  }

  private static long byteSize(String source, String tensor, Entry entry) {
    int bitsPerElement = BITS.getOrDefault(entry.dtype, 0);
    try {
      long count = 1;
      for (long dimension : entry.shape) {
        count = Math.multiplyExact(count, dimension);
      }
      long bits = Math.multiplyExact(count, bitsPerElement);
      if (bits % 8 != 0) {
        throw invalid(source, tensor + " does not fill whole bytes");
      }
      return bits / 8;
    } catch (ArithmeticException e) {
      throw invalid(source, tensor + " has a shape with too many elements", e);
    }
  }

  static CheckpointException invalid(String source, String problem) {
    return new CheckpointException(message(source, problem));
  }

  private static CheckpointException invalid(String source, String problem, Throwable cause) {
    return new CheckpointException(message(source, problem), cause);
  }

  private static String message(String source, String problem) {
    return "%s is not a valid safetensors file: %s".formatted(source, problem);
  }
}
