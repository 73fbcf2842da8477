package io.github.vit4j.conformance;

import io.github.vit4j.error.CheckpointException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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

  @SuppressWarnings({"resource", "MustBeClosedChecker"}) // deleted when the JVM ends
  private static synchronized Path root() {
    Path existing = root;
    if (existing != null) {
      return existing;
    }
    try {
      Path created = new TemporaryDirectory("vit4j-cases-").path().toRealPath();
      root = created;
      return created;
    } catch (IOException | UncheckedIOException e) {
      throw new CheckpointException("cannot write reference cases: " + e, e);
    }
  }
}
