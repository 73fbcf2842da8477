package io.github.vit4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.weights.FileIdentity.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileIdentityTest {
  private static final FileTime TIME = FileTime.fromMillis(1_600_000_000_000L);

  @TempDir Path directory = Path.of("");
  private Path file = Path.of("");

  @BeforeEach
  void write() throws IOException {
    file = Files.write(directory.resolve("file"), new byte[10]);
    Files.setLastModifiedTime(file, TIME);
  }

  @Test
  void readingChangesNothing() throws IOException {
    FileIdentity identity = FileIdentity.of(file);
    Files.readAllBytes(file);
    assertThat(identity.stateOf(file)).isEqualTo(State.UNCHANGED);
    assertThat(identity.size()).isEqualTo(10);
    assertThat(identity.lastModified()).isEqualTo(TIME);
  }

  @Test
  void writingChangesIt() throws IOException {
    FileIdentity identity = FileIdentity.of(file);
    Files.write(file, new byte[10]);
    assertThat(identity.stateOf(file)).isEqualTo(State.CHANGED);
  }

  @Test
  void anotherSizeChangesIt() throws IOException {
    FileIdentity identity = FileIdentity.of(file);
    Files.write(file, new byte[11]);
    Files.setLastModifiedTime(file, TIME);
    assertThat(identity.stateOf(file)).isEqualTo(State.CHANGED);
  }

  @Test
  void anotherFileOfTheSameSizeAndTimeReplacesIt() throws IOException {
    FileIdentity identity = FileIdentity.of(file);
    Assumptions.assumeTrue(identity.key() != null, "files have no keys on this system");
    Path other = Files.write(directory.resolve("other"), new byte[10]);
    Files.setLastModifiedTime(other, TIME);
    Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
    assertThat(identity.stateOf(file)).isEqualTo(State.REPLACED);
  }

  @Test
  void aMissingFileIsReplaced() throws IOException {
    FileIdentity identity = FileIdentity.of(file);
    Files.delete(file);
    assertThat(identity.stateOf(file)).isEqualTo(State.REPLACED);
    assertThatThrownBy(() -> FileIdentity.of(file)).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void withoutKeysAReplacedFileCountsAsChanged() {
    FileIdentity identity = new FileIdentity(null, 10, TIME);
    assertThat(identity.stateOf(new FileIdentity(null, 10, TIME))).isEqualTo(State.UNCHANGED);
    assertThat(identity.stateOf(new FileIdentity(null, 11, TIME))).isEqualTo(State.CHANGED);
    assertThat(identity.stateOf(new FileIdentity(null, 10, FileTime.fromMillis(0))))
        .isEqualTo(State.CHANGED);
  }
}
