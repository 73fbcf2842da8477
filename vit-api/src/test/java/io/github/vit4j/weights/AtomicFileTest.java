package io.github.vit4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir private Path folder;

  private static AtomicFile.Content text(String text) {
    return channel -> {
      channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    };
  }

  private long filesIn(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.count();
    }
  }

  @Test
  void replacesAFileAndFollowsALink() throws IOException {
    Path file = folder.resolve("file");
    Path link = Files.createSymbolicLink(folder.resolve("link"), file);
    AtomicFile.write(file, text("one"));
    AtomicFile.write(link, text("two"));
    assertThat(file).hasContent("two");
    assertThat(link).isSymbolicLink();
    assertThat(filesIn(folder)).isEqualTo(2);
  }

  @Test
  void keepsTheOldFileWhenWritingFails() throws IOException {
    Path file = folder.resolve("file");
    AtomicFile.write(file, text("old"));
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    channel -> {
                      text("half of the n").writeTo(channel);
                      throw new IOException("no space left");
                    }))
        .isInstanceOf(IOException.class);
    assertThat(file).hasContent("old");
    assertThat(filesIn(folder)).isEqualTo(1);
  }

  @Test
  void neverReplacesADirectoryOrADevice() {
    assertThatThrownBy(() -> AtomicFile.write(folder, text("x")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not a regular file");
    Path device = Path.of("/dev/null");
    if (Files.exists(device)) {
      assertThatThrownBy(() -> AtomicFile.write(device, text("x")))
          .hasMessageContaining("not a regular file");
      assertThat(Files.isRegularFile(device)).isFalse();
    }
  }
}
