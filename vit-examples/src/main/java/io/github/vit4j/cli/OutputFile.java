package io.github.vit4j.cli;

import io.github.vit4j.error.CheckpointException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where results are written. */
final class OutputFile {
  private OutputFile() {}

  /**
   * Finds out before the work whether the result can be written afterwards.
   *
   * @throws CheckpointException if the directory is missing or closed to us, or if something other
   *     than a file is there
   */
  static void check(Path file) {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null || Files.isDirectory(file)) {
      throw new CheckpointException(
          "cannot write %s: it is a directory; name a file in it".formatted(file));
    }
    if (!Files.isDirectory(directory)) {
      throw new CheckpointException(
          "cannot write %s: there is no directory %s; make it first".formatted(file, directory));
    }
    // A file is replaced by renaming another one to its name, which must not happen to a device.
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new CheckpointException(
          "cannot write %s: it is not a regular file; name another one".formatted(file));
    }
    if (!Files.isWritable(directory)) {
      throw new CheckpointException(
          "cannot write %s: no permission to write in the directory %s".formatted(file, directory));
    }
  }
}
