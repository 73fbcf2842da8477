package io.github.vit4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.sun.management.ThreadMXBean;
import io.github.vit4j.error.CheckpointException;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The files that {@code src/test/reference/torch_checkpoints.py} wrote. */
class TorchFileTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** A hundred bytes for each of a million steps. */
  private static final long MAX_ALLOCATED = 160L << 20;

  @TempDir Path directory = Path.of("");

  private Path copy(String resource, String name) throws IOException {
    return Files.write(directory.resolve(name), Resources.bytes("torch/" + resource));
  }

  private static Weight weight(Checkpoint checkpoint, String name) {
    return Objects.requireNonNull(checkpoint.get(name), name);
  }

  private static byte[] bytes(Tensor tensor) {
    return tensor.data().toArray(ValueLayout.JAVA_BYTE);
  }

  private static byte[] bytes(FileRegion region) throws IOException {
    try (FileChannel channel = FileChannel.open(region.file(), StandardOpenOption.READ)) {
      return channel
          .map(FileChannel.MapMode.READ_ONLY, region.offset(), region.length(), Arena.ofAuto())
          .toArray(ValueLayout.JAVA_BYTE);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "zip-protocol2.bin",
        "zip-protocol3.bin",
        "zip-protocol4.bin",
        "zip-protocol5.bin",
        "legacy-protocol2.bin",
        "legacy-protocol4.bin",
        "without-checksums.bin",
        "plain-dict.bin",
        "wrapped-model.bin",
        "wrapped-state-dict.bin",
        "repacked.bin"
      })
  void givesTheTensorsThatTorchSaved(String resource) throws IOException {
    Checkpoint expected =
        Checkpoint.open(
            "expected", MemorySegment.ofArray(Resources.bytes("torch/expected.safetensors")));
    copy(resource, Checkpoint.TORCH_FILE_NAME);
    byte[] inMemory = Resources.bytes("torch/" + resource);

    for (Checkpoint checkpoint :
        List.of(
            Checkpoint.open(directory),
            Checkpoint.open(directory.resolve(Checkpoint.TORCH_FILE_NAME)),
            Checkpoint.open("memory", MemorySegment.ofArray(inMemory)))) {
      assertThat(checkpoint.names()).containsExactlyInAnyOrderElementsOf(expected.names());
      for (String name : expected.names()) {
        Tensor tensor = weight(checkpoint, name).tensor();
        Tensor reference = weight(expected, name).tensor();
        assertThat(tensor).as(name).hasToString(reference.toString());
        assertThat(bytes(tensor)).as(name).isEqualTo(bytes(reference));
        assertThat(tensor.data().address() % tensor.elementType().byteSize()).as(name).isZero();
        FileRegion region = weight(checkpoint, name).region();
        if (region != null) {
          assertThat(bytes(region)).as(name).isEqualTo(bytes(reference));
        }
      }
    }
  }

  @Test
  void copiesOnlyWhatDoesNotLieInTheFileInOrder() throws IOException {
    Checkpoint zip = Checkpoint.open(copy("zip-protocol2.bin", "x.bin"));

    for (String name : List.of("float32", "bfloat16", "tied", "tied_again", "rows", "parameter")) {
      assertThat(weight(zip, name).region()).as(name).isNotNull();
    }
    for (String name : List.of("columns", "transposed", "every_second", "permuted", "expanded")) {
      assertThat(weight(zip, name).region()).as(name).isNull();
    }
    assertThat(weight(zip, "tied").tensor().data().address())
        .isEqualTo(weight(zip, "tied_again").tensor().data().address());
  }

  @Test
  void namesTheDtypesThatAreNotRead() throws IOException {
    Checkpoint checkpoint = Checkpoint.open(copy("unsupported.bin", "x.bin"));

    assertThat(checkpoint.names()).containsExactly("ok", "complex", "uint16", "float8");
    assertThat(weight(checkpoint, "ok").tensor().elementType()).isEqualTo(ElementType.FLOAT32);
    for (var row :
        List.of(
            List.of("complex", "complex64"),
            List.of("uint16", "uint16"),
            List.of("float8", "float8_e4m3fn"))) {
      assertThatThrownBy(() -> checkpoint.get(row.get(0)))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining(
              "tensor '%s' has the dtype %s, which is not supported"
                  .formatted(row.get(0), row.get(1)));
    }
  }

  @Test
  void prefersSafetensors() throws IOException {
    copy("zip-protocol2.bin", Checkpoint.TORCH_FILE_NAME);
    Path safetensors = directory.resolve(Checkpoint.FILE_NAME);
    Safetensors.write(safetensors, Map.of("a", Tensor.scalar(1)), Map.of());

    assertThat(Checkpoint.open(directory).names()).containsExactly("a");
    Files.delete(safetensors);
    assertThat(Checkpoint.open(directory).names()).contains("float32");
  }

  @Test
  void readsShards() throws IOException {
    copy("unsupported.bin", "pytorch_model-00001-of-00002.bin");
    copy("legacy-protocol2.bin", "pytorch_model-00002-of-00002.bin");
    Path index = directory.resolve(Checkpoint.TORCH_INDEX_FILE_NAME);
    String weightMap =
        """
        {"metadata": {}, "weight_map": {
          "ok": "pytorch_model-00001-of-00002.bin",
          "half": "pytorch_model-00002-of-00002.%s"}}
        """;
    Files.writeString(index, weightMap.formatted("bin"));

    assertThat(Checkpoint.existsIn(directory)).isTrue();
    assertThat(Checkpoint.open(directory).names()).contains("ok", "half", "complex");

    Files.writeString(index, weightMap.formatted("safetensors"));
    assertThatThrownBy(() -> Checkpoint.open(directory))
        .isInstanceOf(CheckpointException.class)
        .hasMessageEndingWith("expected a .bin file beside the index");
  }

  @Test
  void aFileIsReadForWhatItIs() throws IOException {
    Path safetensors = directory.resolve(Checkpoint.FILE_NAME);
    Safetensors.write(safetensors, Map.of("a", Tensor.scalar(1)), Map.of());
    Path renamed = Files.move(safetensors, directory.resolve(Checkpoint.TORCH_FILE_NAME));

    assertThat(Checkpoint.open(renamed).names()).containsExactly("a");
  }

  /** A header of 0x4b50 bytes makes a file begin with the letters of a zip archive. */
  @Test
  void aLengthIsNotTakenForAnArchive() {
    String header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}";
    byte[] padded =
        (header + " ".repeat(0x4b50 - header.length())).getBytes(StandardCharsets.UTF_8);
    byte[] file = Hostile.withLength(padded.length, padded, 4);

    assertThat(file).startsWith('P', 'K');
    assertThat(Checkpoint.open("x", MemorySegment.ofArray(file)).names()).containsExactly("a");
  }

  @Test
  void saysThatAFileIsOnlyGitsPointer() throws IOException {
    for (String name : List.of(Checkpoint.TORCH_FILE_NAME, Checkpoint.FILE_NAME)) {
      Path file = directory.resolve(name);
      Files.writeString(file, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");

      assertThatThrownBy(() -> Checkpoint.open(file))
          .isInstanceOf(CheckpointException.class)
          .hasMessage(
              "%s is not the weights but git's pointer to them; run 'git lfs pull' or download the file itself",
              file);
    }
  }

  /**
   * A file of an attacker, or one like it that is good.
   *
   * @param expected a part of the message; empty when the file is good
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record HostileFile(String name, String expected, byte[] file) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<HostileFile> hostile() {
    return new String(Resources.bytes("torch/hostile.tsv"), StandardCharsets.UTF_8)
        .lines()
        .map(line -> line.split("\t", -1))
        .map(fields -> new HostileFile(fields[0], fields[1], inflated(fields[2])));
  }

  private static byte[] inflated(String base64) {
    byte[] compressed = Base64.getDecoder().decode(base64);
    try (InflaterInputStream in = new InflaterInputStream(new ByteArrayInputStream(compressed))) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hostile")
  void refusesHostileFilesOnOneLine(HostileFile hostile) throws IOException {
    String expected = hostile.expected();
    Path path = Files.write(directory.resolve(Checkpoint.TORCH_FILE_NAME), hostile.file());

    assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () -> {
          long before = THREADS.getCurrentThreadAllocatedBytes();
          if (expected.isEmpty()) {
            assertThat(bytes(weight(Checkpoint.open(directory), "a").tensor())).hasSize(16);
          } else {
            assertThatThrownBy(() -> Checkpoint.open(directory))
                .isInstanceOf(CheckpointException.class)
                .message()
                .startsWith(path + " is ")
                .contains(expected)
                .hasSizeLessThan(path.toString().length() + 400)
                .doesNotContain("\n", "\r", "\0");
          }
          assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(MAX_ALLOCATED);
        });
    // What the attacks would make where the test runs.
    assertThat(Path.of("vit4j-was-here")).doesNotExist();
  }

  @Test
  void everyCutOfAFileIsAnError() throws IOException {
    for (String resource : List.of("zip-protocol2.bin", "legacy-protocol2.bin")) {
      byte[] whole = Resources.bytes("torch/" + resource);
      for (int length = 0; length < whole.length; length += 7) {
        byte[] cut = Arrays.copyOf(whole, length);
        assertThatThrownBy(() -> Checkpoint.open("cut.bin", MemorySegment.ofArray(cut)))
            .isInstanceOf(CheckpointException.class)
            .message()
            .startsWith("cut.bin is not a valid torch checkpoint: ")
            .doesNotContain("\n");
      }
    }
  }
}
