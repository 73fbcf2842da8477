package io.github.vit4j.conformance;

import io.github.vit4j.error.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Files of small cases in the temporary folder, for as long as the JVM runs. */
final class ExtractedCases {
  private static final Map<String, Path> DIRECTORIES = new ConcurrentHashMap<>();

  private static @Nullable Path root;

  private ExtractedCases() {}

  static Path directory(ReferenceCase reference) {
    return DIRECTORIES.computeIfAbsent(
        reference.name(), name -> reference.writeTo(root().resolve(name)));
  }

  private static synchronized Path root() {
    Path existing = root;
    if (existing != null) {
      return existing;
    }
    try {
      Path created = Files.createTempDirectory("vit4j-cases-").toRealPath();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(created)));
      root = created;
      return created;
    } catch (IOException e) {
      throw new CheckpointException("cannot write reference cases: " + e, e);
    }
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      System.getLogger(ExtractedCases.class.getName())
          .log(System.Logger.Level.WARNING, "cannot delete " + directory, e);
    }
  }
}
