package io.github.vit4j.config;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.NumericNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Reads JSON that may be hostile (bounded in size and depth) and writes it as Python's json module
 * does.
 */
public final class Json {
  /** More than any configuration with labels for tens of thousands of classes needs. */
  public static final int MAX_FILE_BYTES = 16 << 20;

  private static final int MAX_DEPTH = 64;
  private static final int MAX_NUMBER_LENGTH = 400;

  /** Bounds what a file of tiny values makes of memory. */
  private static final long MAX_TOKENS = 2_000_000;

  private static final int MAX_MESSAGE_LENGTH = 200;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxNumberLength(MAX_NUMBER_LENGTH)
                          .maxTokenCount(MAX_TOKENS)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  /** {@return an empty object to fill} */
  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /**
   * {@return an array of one string}
   *
   * @param element the string
   */
  public static ArrayNode array(String element) {
    return MAPPER.createArrayNode().add(element);
  }

  /**
   * Parses an object from a file.
   *
   * @param file of at most {@link #MAX_FILE_BYTES}, in UTF-8
   * @return the object, with its fields in the order of the file
   * @throws IOException if the file cannot be read, is larger than {@link #MAX_FILE_BYTES}, is not
   *     JSON, or holds something else than an object; the message is one line
   */
  public static ObjectNode readObject(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
      if (bytes.length > MAX_FILE_BYTES) {
        throw new IOException("larger than " + MAX_FILE_BYTES + " bytes");
      }
      return readObject(bytes);
    }
  }

  /**
   * {@link #readObject(Path)}, from the bytes of a file.
   *
   * @param utf8 the whole file
   * @return the object, with its fields in the order of the file
   * @throws IOException if the bytes are not JSON, or hold something else than an object; the
   *     message is one line
   */
  public static ObjectNode readObject(byte[] utf8) throws IOException {
    JsonNode node;
    try {
      node = MAPPER.readTree(new String(utf8, StandardCharsets.UTF_8));
    } catch (JacksonException e) {
      throw new IOException("not valid JSON: " + firstLine(e.getOriginalMessage()), e);
    }
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw new IOException("not a JSON object");
  }

  /**
   * {@return what Python's {@code json.dumps(node, indent=2)} gives: two spaces, ASCII only,
   * numbers as {@code repr} writes them} No line break at the end.
   *
   * @param node any JSON
   */
  public static String toPrettyString(JsonNode node) {
    StringBuilder out = new StringBuilder();
    write(node, "\n", out);
    return out.toString();
  }

  /**
   * {@return JSON on one line, without spaces}
   *
   * @param node any JSON
   */
  public static String toString(JsonNode node) {
    return MAPPER.writeValueAsString(node);
  }

  private static void write(JsonNode node, String lineBreak, StringBuilder out) {
    String inner = lineBreak + "  ";
    switch (node) {
      case ObjectNode object when !object.isEmpty() -> {
        String separator = "{";
        for (Map.Entry<String, JsonNode> property : object.properties()) {
          out.append(separator).append(inner);
          writeString(property.getKey(), out);
          out.append(": ");
          write(property.getValue(), inner, out);
          separator = ",";
        }
        out.append(lineBreak).append('}');
      }
      case ArrayNode array when !array.isEmpty() -> {
        String separator = "[";
        for (JsonNode element : array) {
          out.append(separator).append(inner);
          write(element, inner, out);
          separator = ",";
        }
        out.append(lineBreak).append(']');
      }
      case StringNode string -> writeString(string.stringValue(), out);
      case NumericNode number when number.isFloatingPointNumber() ->
          out.append(pythonRepr(number.doubleValue()));
      default -> out.append(node);
    }
  }

  private static void writeString(String text, StringBuilder out) {
    String quoted = MAPPER.writeValueAsString(text);
    for (int i = 0; i < quoted.length(); i++) {
      char c = quoted.charAt(i);
      if (c < 0x7f) {
        out.append(c);
      } else {
        out.append("\\u%04x".formatted((int) c));
      }
    }
  }

  /**
   * The shortest digits that read back as {@code value}, laid out as Python's {@code repr(float)}
   * does.
   */
  static String pythonRepr(double value) {
    if (!Double.isFinite(value)) {
      return Double.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
    }
    BigDecimal decimal = shortest(value);
    int exponent = decimal.precision() - decimal.scale() - 1;
    if (value == 0 || (exponent >= -4 && exponent < 16)) {
      String plain = decimal.toPlainString();
      String text = plain.contains(".") ? plain : plain + ".0";
      return value == 0 && 1 / value < 0 ? "-0.0" : text;
    }
    String digits = decimal.unscaledValue().abs().toString();
    String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
    return "%s%s%se%s%02d"
        .formatted(
            value < 0 ? "-" : "",
            digits.charAt(0),
            fraction,
            exponent < 0 ? "-" : "+",
            Math.abs(exponent));
  }

  /** Java writes two digits at least, and so 4.9E-324 where 5E-324 would do. */
  private static BigDecimal shortest(double value) {
    BigDecimal decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    if (decimal.precision() == 2) {
      BigDecimal oneDigit = decimal.round(new MathContext(1, RoundingMode.HALF_EVEN));
      if (oneDigit.doubleValue() == value) {
        return oneDigit;
      }
    }
    return decimal;
  }

  /**
   * {@return what Jackson says, on one line and cut short: it quotes names from the text, however
   * long}
   *
   * @param message of an exception of Jackson's
   */
  public static String firstLine(String message) {
    String line = message.lines().findFirst().orElse("");
    return line.length() > MAX_MESSAGE_LENGTH
        ? line.substring(0, MAX_MESSAGE_LENGTH) + "..."
        : line;
  }
}
