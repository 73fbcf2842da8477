package io.github.vit4j.weights;

import io.github.vit4j.config.Json;
import io.github.vit4j.error.CheckpointException;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

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

  /** More than 10000 layers have; bounds what a hostile header can make of memory. */
  private static final int MAX_TENSORS = 200_000;

  /** Bounds everything else in the header, for example the entries of the metadata. */
  private static final long MAX_TOKENS = 20L * MAX_TENSORS;

  /** Bounds a value of the metadata; those that are in use are a few kilobytes long. */
  private static final int MAX_STRING_LENGTH = 10_000_000;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(64)
                  .maxNumberLength(400)
                  .maxStringLength(MAX_STRING_LENGTH)
                  .maxTokenCount(MAX_TOKENS)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

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
    // A decoder made like this reports what is not UTF-8 instead of replacing it.
    Reader text =
        new InputStreamReader(new ByteArrayInputStream(json), StandardCharsets.UTF_8.newDecoder());
    SafetensorsHeader header;
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      header = new Reading(source, parser).header();
    } catch (JacksonException e) {
      if (e.getCause() instanceof CharacterCodingException) {
        throw invalid(source, "the header is not UTF-8 text", e);
      }
      String problem = Json.firstLine(e.getOriginalMessage());
      throw invalid(source, "the header is not valid JSON: " + problem, e);
    }
    checkLayout(source, header.entries, dataSize);
    return header;
  }

  /**
   * Reads token by token: a tree of a header of the full size would take more than a gigabyte.
   *
   * @param source what to call the file in messages
   * @param parser at the start of the header
   */
  private record Reading(String source, JsonParser parser) {
    SafetensorsHeader header() {
      List<Entry> entries = new ArrayList<>();
      Map<String, String> metadata = Map.of();
      parser.nextToken();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        if (name.equals(METADATA)) {
          metadata = metadata();
        } else if (entries.size() == MAX_TENSORS) {
          throw invalid(source, "it has more than " + MAX_TENSORS + " tensors");
        } else {
          entries.add(entry(name));
        }
      }
      if (parser.nextToken() != null) {
        throw invalid(source, "the header is not valid JSON: something follows the object");
      }
      entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
      return new SafetensorsHeader(List.copyOf(entries), metadata);
    }

    private Map<String, String> metadata() {
      if (parser.currentToken() == JsonToken.VALUE_NULL) {
        return Map.of();
      }
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw invalid(source, "__metadata__ is not an object");
      }
      Map<String, String> metadata = new LinkedHashMap<>();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String key = parser.currentName();
        if (parser.nextToken() != JsonToken.VALUE_STRING) {
          throw invalid(source, "__metadata__ " + Messages.quote(key) + " is not a string");
        }
        metadata.put(key, parser.getString());
      }
      return Collections.unmodifiableMap(metadata);
    }

    private Entry entry(String name) {
      String tensor = "tensor " + Messages.quote(name);
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw invalid(source, tensor + " is not described by an object");
      }
      String dtype = null;
      long[] shape = null;
      long[] offsets = null;
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String field = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (field) {
          case "dtype" -> dtype = value == JsonToken.VALUE_STRING ? parser.getString() : null;
          case "shape", "data_offsets" -> {
            long[] numbers = numbers(tensor, field);
            if (field.equals("shape")) {
              shape = numbers;
            } else {
              offsets = numbers;
            }
          }
          default -> parser.skipChildren();
        }
      }
      if (dtype == null) {
        throw invalid(source, tensor + " has no dtype");
      }
      if (!BITS.containsKey(dtype)) {
        throw invalid(source, tensor + " has the unknown dtype " + Messages.quote(dtype));
      }
      if (shape == null) {
        throw noNumbers(tensor, "shape");
      }
      if (offsets == null) {
        throw noNumbers(tensor, "data_offsets");
      }
      if (offsets.length != 2) {
        throw invalid(source, tensor + " has " + offsets.length + " data_offsets, expected 2");
      }
      return new Entry(name, dtype, shape, offsets[0], offsets[1]);
    }

    private CheckpointException noNumbers(String tensor, String field) {
      return invalid(source, "%s has no valid %s (an array of sizes)".formatted(tensor, field));
    }

    private long[] numbers(String tensor, String field) {
      if (parser.currentToken() != JsonToken.START_ARRAY) {
        throw noNumbers(tensor, field);
      }
      long[] numbers = new long[MAX_RANK];
      int count = 0;
      for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
        if (count == MAX_RANK) {
          throw noNumbers(tensor, field);
        }
        if (t != JsonToken.VALUE_NUMBER_INT
            || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
            || parser.getLongValue() < 0) {
          throw invalid(
              source,
              "%s has %s in its %s, expected integers from 0 to 2^63 - 1"
                  .formatted(tensor, Messages.quote(parser.getString()), field));
        }
        numbers[count++] = parser.getLongValue();
      }
      return Arrays.copyOf(numbers, count);
    }
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
