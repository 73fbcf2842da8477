package io.github.vit4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TemporaryDirectoryTest {
  @Test
  void isDeletedWithEverythingInIt() throws IOException {
    Path path;
    try (TemporaryDirectory directory = new TemporaryDirectory("vit4j-test")) {
      path = directory.path();
      Files.createDirectories(path.resolve("a/b"));
      Files.writeString(path.resolve("a/b/c"), "c");
      assertThat(path).isDirectory();
    }
    assertThat(path).doesNotExist();
  }

  @Test
  void whatIsGoneAlreadyIsNoError() throws IOException {
    try (TemporaryDirectory directory = new TemporaryDirectory("vit4j-test")) {
      Files.delete(directory.path());
    }
  }
}
