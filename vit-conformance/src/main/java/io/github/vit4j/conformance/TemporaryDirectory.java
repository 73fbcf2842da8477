package io.github.vit4j.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * A directory in the temporary folder that is deleted with everything in it when it is closed, and
 * otherwise when the JVM ends. What cannot be deleted (on Windows a file that is still mapped) is
 * tried again then, and left there at last: that says nothing about a backend.
 */
final class TemporaryDirectory implements AutoCloseable {
  private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> OPEN.forEach(TemporaryDirectory::delete)));
  }

  private final Path path;

  TemporaryDirectory(String prefix) {
    try {
      path = Files.createTempDirectory(prefix);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    OPEN.add(path);
  }

  Path path() {
    return path;
  }

  @Override
  public void close() {
    if (delete(path)) {
      OPEN.remove(path);
    }
  }

  private static boolean delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
      return true;
    } catch (IOException | UncheckedIOException e) {
      return false;
    }
  }
}
