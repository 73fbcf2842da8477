package io.github.vit4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.error.CheckpointException;
import io.github.vit4j.error.ModelNotFoundException;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
  @TempDir Path directory = Path.of("");

  private static final String PYTHONS_FILE = "every-type.safetensors";

  private static Weight weight(Checkpoint checkpoint, String name) {
    return Objects.requireNonNull(checkpoint.get(name), name);
  }

  private static Map<String, Tensor> tensors(Checkpoint checkpoint) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    checkpoint.names().forEach(name -> tensors.put(name, weight(checkpoint, name).tensor()));
    return tensors;
  }

  private static byte[] bytes(Tensor tensor) {
    return tensor.data().toArray(ValueLayout.JAVA_BYTE);
  }

  @Test
  void readsPythonsFile() {
    Checkpoint checkpoint =
        Checkpoint.open("python", MemorySegment.ofArray(Resources.bytes(PYTHONS_FILE)));

    assertThat(checkpoint.names()).hasSize(17);
    assertThat(checkpoint.metadata()).isEqualTo(Map.of("format", "pt"));
    assertThat(weight(checkpoint, "z.float32").tensor()).hasToString("float32[2, 3]");
    assertThat(weight(checkpoint, "z.float32").tensor().toFloatArray())
        .containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(weight(checkpoint, "half").tensor()).hasToString("float16[3]");
    assertThat(weight(checkpoint, "bfloat").tensor().toFloatArray()).containsExactly(0, 1, 2);
    assertThat(weight(checkpoint, "scalar").tensor()).hasToString("float32[]");
    assertThat(weight(checkpoint, "scalar").tensor().getFloat(0)).isEqualTo(3.5f);
    assertThat(weight(checkpoint, "empty").tensor()).hasToString("float32[0, 4]");
    assertThat(weight(checkpoint, "bool").tensor().toLongArray()).containsExactly(1, 0, 1);
    assertThat(weight(checkpoint, "int16").tensor().toLongArray()).containsExactly(0, 1, 2);
    assertThat(weight(checkpoint, "\uff5e").region()).isNull();
    assertThat(checkpoint.get("nobody")).isNull();
  }

  @Test
  void writesPythonsBytes() throws IOException {
    Checkpoint python =
        Checkpoint.open("python", MemorySegment.ofArray(Resources.bytes(PYTHONS_FILE)));
    Path file = directory.resolve("model.safetensors");

    Safetensors.write(file, tensors(python), Map.of("format", "pt"));

    assertThat(file).hasBinaryContent(Resources.bytes(PYTHONS_FILE));
  }

  @Test
  void readsWhatItWrote() {
    Tensor values = Tensor.of(new float[] {1, -2.5f, Float.NaN, Float.NEGATIVE_INFINITY}, 2, 2);
    Map<String, Tensor> written =
        Map.of("a", values, "b", values.to(ElementType.FLOAT16), "c", Tensor.scalar(7));
    Path file = directory.resolve("file.safetensors");
    Safetensors.write(file, written, Map.of("format", "pt", "key \"1\"", "line\nbreak"));

    Checkpoint read = Checkpoint.open(file);
    assertThat(read.names()).containsExactlyInAnyOrder("a", "b", "c");
    assertThat(read.metadata()).isEqualTo(Map.of("format", "pt", "key \"1\"", "line\nbreak"));
    written.forEach(
        (name, tensor) -> {
          Tensor found = weight(read, name).tensor();
          assertThat(found).hasToString(tensor.toString());
          assertThat(bytes(found)).isEqualTo(bytes(tensor));
        });
  }

  @Test
  void writesNothingButAHeaderWithoutTensors() {
    Path file = directory.resolve("file.safetensors");
    Safetensors.write(file, Map.of(), Map.of());

    assertThat(file)
        .hasBinaryContent(new byte[] {8, 0, 0, 0, 0, 0, 0, 0, '{', '}', 32, 32, 32, 32, 32, 32});
    assertThat(Checkpoint.open(file).names()).isEmpty();
  }

  @Test
  void saysWhereInTheFileATensorLies() throws IOException {
    Path file = directory.resolve("real.safetensors");
    Safetensors.write(
        file,
        Map.of("a", Tensor.of(new float[] {1}, 1), "b", Tensor.of(new float[] {2, 3}, 2)),
        Map.of());
    Path link = Files.createSymbolicLink(directory.resolve("link.safetensors"), file);

    FileRegion region = Objects.requireNonNull(weight(Checkpoint.open(link), "b").region());

    assertThat(region.file()).isEqualTo(file.toRealPath()).isAbsolute();
    assertThat(region.identity()).isEqualTo(FileIdentity.of(file));
    assertThat(region.length()).isEqualTo(8);
    assertThat(region.offset()).isEqualTo(Files.size(file) - 8);
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "r")) {
      raw.seek(region.offset());
      assertThat(Float.intBitsToFloat(Integer.reverseBytes(raw.readInt()))).isEqualTo(2);
    }
  }

  @Test
  void tensorsOutliveTheCheckpointAndTheFile() throws IOException {
    Path file = directory.resolve("file.safetensors");
    Safetensors.write(file, Map.of("a", Tensor.of(new float[] {1, 2}, 2)), Map.of());
    Tensor tensor = weight(Checkpoint.open(file), "a").tensor();
    Files.delete(file);
    System.gc();

    assertThat(tensor.toFloatArray()).containsExactly(1, 2);
    assertThat(tensor.data().isReadOnly()).isTrue();
  }

  @Test
  void replacesAFileThatIsInUse() {
    Path file = directory.resolve("file.safetensors");
    Safetensors.write(file, Map.of("a", Tensor.of(new float[] {1, 2}, 2)), Map.of());
    Tensor old = weight(Checkpoint.open(file), "a").tensor();

    Safetensors.write(file, Map.of("a", old, "b", old), Map.of());

    assertThat(old.toFloatArray()).containsExactly(1, 2);
    assertThat(weight(Checkpoint.open(file), "b").tensor().toFloatArray()).containsExactly(1, 2);
  }

  @Test
  void writesMoreThanOneBufferHolds() throws IOException {
    Tensor large = Tensor.allocate(ElementType.UINT8, (130L << 20) + 3);
    large.data().set(ValueLayout.JAVA_BYTE, (64L << 20) - 1, (byte) 1);
    large.data().set(ValueLayout.JAVA_BYTE, 64L << 20, (byte) 2);
    large.data().set(ValueLayout.JAVA_BYTE, large.elementCount() - 1, (byte) 3);
    Path file = directory.resolve("file.safetensors");
    Safetensors.write(file, Map.of("large", large), Map.of());

    assertThat(weight(Checkpoint.open(file), "large").tensor().data().mismatch(large.data()))
        .isEqualTo(-1);
  }

  @Test
  void readsBeyondTwoGibibytes() throws IOException {
    byte[] header =
        Hostile.header(
            "{\"a\":{\"dtype\":\"U8\",\"shape\":[3000000000],\"data_offsets\":[0,3000000000]}}");
    Path file = directory.resolve("file.safetensors");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.write(header);
      sparse.seek(header.length + 2_999_999_999L);
      sparse.write(42);
    }

    Tensor tensor = weight(Checkpoint.open(file), "a").tensor();
    assertThat(tensor.elementCount()).isEqualTo(3_000_000_000L);
    assertThat(tensor.getLong(2_999_999_999L)).isEqualTo(42);
  }

  @Test
  void leavesNothingBehindWhenWritingFails() throws IOException {
    Map<String, Tensor> tensors = Map.of("a", Tensor.scalar(1));
    Path occupied = directory.resolve("occupied.safetensors");
    Files.createDirectories(occupied.resolve("inner"));
    assertThatThrownBy(() -> Safetensors.write(occupied, tensors, Map.of()))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("cannot write " + occupied);

    Path absent = directory.resolve("absent/file.safetensors");
    assertThatThrownBy(() -> Safetensors.write(absent, tensors, Map.of()))
        .isInstanceOf(CheckpointException.class)
        .message()
        .contains("cannot write " + absent)
        .doesNotContain("\n");

    Tensor closed;
    try (Arena arena = Arena.ofConfined()) {
      closed = Tensor.allocate(arena, ElementType.FLOAT32, 4);
    }
    Path file = directory.resolve("file.safetensors");
    Safetensors.write(file, tensors, Map.of());
    byte[] before = Files.readAllBytes(file);
    assertThatThrownBy(() -> Safetensors.write(file, Map.of("a", closed), Map.of()))
        .isInstanceOf(IllegalStateException.class);
    assertThat(file).hasBinaryContent(before);

    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("occupied.safetensors", "file.safetensors");
    }
  }

  @Test
  void doesNotWriteATensorUnderTheNameOfTheMetadata() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Safetensors.write(
                    directory.resolve("x"), Map.of("__metadata__", Tensor.scalar(1)), Map.of()));
  }

  @Test
  void saysWhichFileIsMissing() {
    Path file = directory.resolve("absent.safetensors");
    assertThatThrownBy(() -> Checkpoint.open(file))
        .isInstanceOf(ModelNotFoundException.class)
        .hasMessage("there is no file " + file);
  }

  @Test
  void refusesWhatIsNotAFile() throws IOException {
    Path notAFile = Files.createDirectory(directory.resolve("model.safetensors"));
    assertThatThrownBy(() -> Checkpoint.open(directory))
        .isInstanceOf(CheckpointException.class)
        .hasMessage("cannot read " + notAFile + ": it is not a regular file");
  }

  @Test
  void namesTheDtypesItDoesNotRead() {
    for (String dtype : List.of("F8_E4M3", "F8_E5M2", "U16", "C64")) {
      int size = dtype.equals("C64") ? 8 : dtype.equals("U16") ? 2 : 1;
      byte[] file =
          Hostile.file(
              "{\"odd\":{\"dtype\":\"%s\",\"shape\":[1],\"data_offsets\":[0,%d]}}"
                  .formatted(dtype, size),
              size);
      Checkpoint checkpoint = Checkpoint.open("the file", MemorySegment.ofArray(file));
      assertThat(checkpoint.names()).containsExactly("odd");
      assertThatThrownBy(() -> checkpoint.get("odd"))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("the file: tensor 'odd' has the dtype " + dtype);
    }
  }
}
