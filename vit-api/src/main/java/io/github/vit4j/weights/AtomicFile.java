package io.github.vit4j.weights;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Files that appear whole or not at all. */
public final class AtomicFile {
  private AtomicFile() {}

  /** Writes what a file is to hold. */
  @FunctionalInterface
  public interface Content {
    /**
     * Writes everything; called once.
     *
     * @param channel an empty file, open for writing; closed by the caller
     * @throws IOException if that fails, which leaves nothing behind
     */
    void writeTo(FileChannel channel) throws IOException;
  }

  /**
   * Writes under another name in the same directory, forces the bytes to disk, then renames, which
   * replaces a file that is there in one step. Nothing is left behind after a failure.
   *
   * @param file what to write, in a directory that is there; what a link points to is replaced, not
   *     the link
   * @param content writes the bytes
   * @throws IOException if that fails, or if something else than a file (a directory, a device)
   *     goes by that name
   */
  public static void write(Path file, Content content) throws IOException {
    Path absolute = file.toAbsolutePath();
    if (Files.exists(absolute) && !Files.isRegularFile(absolute)) {
      throw new FileSystemException(file.toString(), null, "not a regular file");
    }
    // What a link points to is replaced, not the link.
    Path target = Files.exists(absolute) ? absolute.toRealPath() : absolute;
    Path temporary =
        target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
        content.writeTo(channel);
        channel.force(true);
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
