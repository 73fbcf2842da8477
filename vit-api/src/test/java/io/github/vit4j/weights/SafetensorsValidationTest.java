package io.github.vit4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.error.CheckpointException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule of the format, broken by a file of its own. */
class SafetensorsValidationTest {
  @TempDir Path directory = Path.of("");

  private static final String LONG = "\\n\\r".repeat(10_000);

  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Broken(String name, byte[] bytes, String message) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static String tensor(String name, String shape, String offsets) {
    return "\"%s\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":%s}"
        .formatted(name, shape, offsets);
  }

  private static Broken one(String name, String shape, String offsets, int size, String message) {
    return new Broken(name, Hostile.file("{" + tensor("a", shape, offsets) + "}", size), message);
  }

  private static Broken json(String name, String json, String message) {
    return new Broken(name, Hostile.file(json, 4), message);
  }

  static Stream<Broken> broken() {
    byte[] valid = Hostile.file("{" + tensor("a", "[2]", "[0,8]") + "}", 8);
    byte[] text = "{}".getBytes(StandardCharsets.UTF_8);
    byte[] notUtf8 =
        Hostile.file("{\"~\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}", 4);
    notUtf8[10] = (byte) 0xff;
    return Stream.of(
        new Broken("empty file", new byte[0], "it has only 0 bytes"),
        new Broken("seven bytes", new byte[7], "it has only 7 bytes"),
        new Broken("no header", new byte[8], "the header does not start with '{'"),
        new Broken("length beyond the file", Hostile.withLength(3, text, 0), "only 2 bytes follow"),
        new Broken(
            "length beyond the limit",
            Hostile.withLength(100_000_001, text, 0),
            "its header length is 100000001, more than 100000000"),
        new Broken(
            "length 2^63",
            Hostile.withLength(Long.MIN_VALUE, text, 0),
            "its header length is 9223372036854775808"),
        new Broken(
            "length 2^64 - 1",
            Hostile.withLength(-1, text, 0),
            "its header length is 18446744073709551615"),
        new Broken("truncated header", Arrays.copyOf(valid, 20), "it is truncated"),
        new Broken("truncated data", Arrays.copyOf(valid, valid.length - 1), "it is truncated"),
        new Broken(
            "trailing bytes", Arrays.copyOf(valid, valid.length + 1), "longer than it should"),
        new Broken("not UTF-8", notUtf8, "the header is not UTF-8 text"),
        json("leading space", " {}", "does not start with '{'"),
        json("an array", "[]", "does not start with '{'"),
        json("half an object", "{\"a\":", "not valid JSON"),
        json("two objects", "{} {}", "not valid JSON"),
        json(
            "deep",
            "{\"a\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}",
            "'a' is not described by an object"),
        json(
            "duplicate names",
            "{" + tensor("a", "[1]", "[0,4]") + "," + tensor("a", "[1]", "[0,4]") + "}",
            "not valid JSON"),
        json(
            "duplicate long names",
            "{" + tensor(LONG, "[1]", "[0,4]") + "," + tensor(LONG, "[1]", "[0,4]") + "}",
            "not valid JSON"),
        json(
            "duplicate fields",
            "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
            "not valid JSON"),
        json("an entry not closed", "{\"a\":{\"dtype\":\"F32\"", "not valid JSON"),
        json("an array not closed", "{\"a\":{\"shape\":[1", "not valid JSON"),
        json("metadata not closed", "{\"__metadata__\":{\"a\":\"b\"", "not valid JSON"),
        json(
            "deep in an unknown field",
            "{\"a\":{\"x\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}}",
            "not valid JSON"),
        one("an array in the shape", "[[1]]", "[0,4]", 4, "in its shape"),
        json("long name of controls", "{\"" + LONG + "\":1}", "is not described by an object"),
        json("no description", "{\"a\":4}", "tensor 'a' is not described by an object"),
        json(
            "no dtype",
            "{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}",
            "tensor 'a' has no dtype"),
        json(
            "dtype a number",
            "{\"a\":{\"dtype\":32,\"shape\":[1],\"data_offsets\":[0,4]}}",
            "tensor 'a' has no dtype"),
        json(
            "unknown dtype",
            "{\"a\":{\"dtype\":\"Q4_0\",\"shape\":[1],\"data_offsets\":[0,4]}}",
            "tensor 'a' has the unknown dtype 'Q4_0'"),
        json("no shape", "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", "no valid shape"),
        json("no offsets", "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", "no valid data_offsets"),
        json(
            "metadata a string",
            "{\"__metadata__\":\"x\"," + tensor("a", "[1]", "[0,4]") + "}",
            "__metadata__ is not an object"),
        json(
            "metadata with a number",
            "{\"__metadata__\":{\"x\":1}," + tensor("a", "[1]", "[0,4]") + "}",
            "__metadata__ 'x' is not a string"),
        one("shape a number", "1", "[0,4]", 4, "no valid shape"),
        one("negative size", "[-1]", "[0,4]", 4, "'-1' in its shape"),
        one("size 1.0", "[1.0]", "[0,4]", 4, "in its shape"),
        one("size 1e0", "[1e0]", "[0,4]", 4, "in its shape"),
        one("size NaN", "[NaN]", "[0,4]", 4, "not valid JSON"),
        one("size a string", "[\"1\"]", "[0,4]", 4, "in its shape"),
        one("size null", "[null]", "[0,4]", 4, "in its shape"),
        one("size 2^64", "[18446744073709551616]", "[0,4]", 4, "in its shape"),
        one("size of 1000 digits", "[" + "9".repeat(1000) + "]", "[0,4]", 4, "not valid JSON"),
        one("elements overflow", "[4294967296,4294967296]", "[0,4]", 4, "too many elements"),
        one("bits overflow", "[1152921504606846976]", "[0,4]", 4, "too many elements"),
        one("rank 1000", "[" + "1,".repeat(999) + "1]", "[0,4]", 4, "no valid shape"),
        one("one offset", "[1]", "[0]", 4, "has 1 data_offsets, expected 2"),
        one("three offsets", "[1]", "[0,4,8]", 4, "has 3 data_offsets, expected 2"),
        one("negative offset", "[1]", "[-4,0]", 4, "in its data_offsets"),
        one("huge offset", "[1]", "[0,9223372036854775808]", 4, "in its data_offsets"),
        one("end before begin", "[0]", "[4,0]", 4, "ends at 0, before its begin 4"),
        one("too few bytes", "[2]", "[0,4]", 4, "needs 8 bytes, its data_offsets span 4"),
        one("too many bytes", "[1]", "[0,8]", 8, "needs 4 bytes, its data_offsets span 8"),
        one("a scalar of 8 bytes", "[]", "[0,8]", 8, "needs 4 bytes"),
        one("a hole at the start", "[1]", "[4,8]", 8, "a hole"),
        one("beyond the file", "[1000000000000]", "[0,4000000000000]", 4, "it is truncated"),
        new Broken(
            "half a byte",
            Hostile.file("{\"a\":{\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[0,1]}}", 1),
            "does not fill whole bytes"),
        new Broken(
            "a hole",
            Hostile.file(
                "{" + tensor("a", "[1]", "[0,4]") + "," + tensor("b", "[1]", "[8,12]") + "}", 12),
            "tensor 'b' begins at 8, but the data before it ends at 4 (a hole)"),
        new Broken(
            "an overlap",
            Hostile.file(
                "{" + tensor("a", "[2]", "[0,8]") + "," + tensor("b", "[2]", "[4,12]") + "}", 12),
            "tensor 'b' begins at 4, but the data before it ends at 8 (overlap)"),
        new Broken(
            "the same data twice",
            Hostile.file(
                "{" + tensor("a", "[1]", "[0,4]") + "," + tensor("b", "[1]", "[0,4]") + "}", 4),
            "(overlap)"),
        new Broken(
            "name with a line break",
            Hostile.file("{" + tensor("x\\ny\\u2028z", "[1]", "[0,8]") + "}", 8),
            "'x\\u000ay\\u2028z'"),
        new Broken(
            "name without end",
            Hostile.file("{" + tensor("x".repeat(10_000), "[1]", "[0,8]") + "}", 8),
            "xxx...'"));
  }

  @ParameterizedTest
  @MethodSource
  void broken(Broken broken) throws IOException {
    Path file = directory.resolve("broken.safetensors");
    Files.write(file, broken.bytes());

    assertThatThrownBy(() -> Checkpoint.open(file))
        .isInstanceOf(CheckpointException.class)
        .message()
        .startsWith(file + " is not a valid safetensors file: ")
        .contains(broken.message())
        .doesNotContain("\n", "\u2028")
        .hasSizeLessThan(500 + file.toString().length());
    assertThatThrownBy(() -> Checkpoint.open("memory", MemorySegment.ofArray(broken.bytes())))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(broken.message());
  }

  @Test
  void acceptsWhatIsUnusualButLegal() {
    for (String json :
        List.of(
            "{}",
            "{}   \n\t",
            "{\"__metadata__\":null}",
            "{\"__metadata__\":{}}",
            "{" + tensor("b", "[0,7]", "[0,0]") + "," + tensor("a", "[7,0]", "[0,0]") + "}",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0],\"extra\":[1]}}")) {
      byte[] file = Hostile.file(json, 0);
      assertThat(Checkpoint.open("memory", MemorySegment.ofArray(file)).metadata())
          .as(json)
          .isEmpty();
    }
    byte[] unordered =
        Hostile.file("{" + tensor("b", "[1]", "[4,8]") + "," + tensor("a", "[]", "[0,4]") + "}", 8);
    assertThat(Checkpoint.open("memory", MemorySegment.ofArray(unordered)).names())
        .containsExactly("a", "b");
  }

  @Test
  void boundsTheNumberOfTensors() {
    String json =
        IntStream.rangeClosed(0, 200_000)
            .mapToObj(i -> tensor(Integer.toString(i), "[0]", "[0,0]"))
            .collect(Collectors.joining(",", "{", "}"));

    assertThatThrownBy(
            () -> Checkpoint.open("memory", MemorySegment.ofArray(Hostile.file(json, 0))))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("it has more than 200000 tensors");
  }

  /** Sizes that a file claims are not allocated before they are checked. */
  @Test
  void allocatesNoMoreThanTheFileIsWorth() throws IOException {
    Path file = directory.resolve("broken.safetensors");
    List<byte[]> claims =
        List.of(
            Hostile.withLength(99_999_999, new byte[] {'{'}, 0),
            Hostile.withLength(Long.MAX_VALUE, new byte[] {'{'}, 0),
            Hostile.file("{" + tensor("a", "[1000000000000]", "[0,4000000000000]") + "}", 4));
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (byte[] claim : claims) {
      Files.write(file, claim);
      assertThatThrownBy(() -> Checkpoint.open(file)).isInstanceOf(CheckpointException.class);
      long before = threads.getCurrentThreadAllocatedBytes();
      assertThatThrownBy(() -> Checkpoint.open(file)).isInstanceOf(CheckpointException.class);
      assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1 << 20);
    }
  }

  @Test
  void refusesAHeaderOfCountlessEntriesOfMetadata(@TempDir Path folder) throws IOException {
    StringBuilder text = new StringBuilder("{\"__metadata__\":{");
    for (int i = 0; i < 2_500_000; i++) {
      text.append('"').append(Integer.toString(i, 36)).append("\":\"\",");
    }
    byte[] json = text.append("\"last\":\"\"}}").toString().getBytes(StandardCharsets.UTF_8);
    Path file =
        Files.write(
            folder.resolve("countless.safetensors"), Hostile.withLength(json.length, json, 0));
    assertThatThrownBy(() -> Checkpoint.open(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("countless.safetensors")
        .message()
        .doesNotContain("\n");
  }
}
