package io.github.vit4j.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which file a path led to, and which bytes it held: what an engine that opens a file by its path
 * needs to know before it trusts offsets that were found earlier. As long as a file is mapped, no
 * other file can get its key.
 *
 * @param key tells files apart ({@link BasicFileAttributes#fileKey}: device and inode); null on
 *     systems without such keys, as on Windows
 * @param size bytes
 * @param lastModified when its bytes were last written
 */
public record FileIdentity(@Nullable Object key, long size, FileTime lastModified) {
  /** What has become of a file. */
  public enum State {
    /** The path leads to the same file, with the same bytes. */
    UNCHANGED,
    /**
     * The path leads to another file, to none, or cannot be followed: only what was mapped earlier
     * still has the bytes.
     */
    REPLACED,
    /**
     * The file was written to, so that also what was mapped earlier may have other bytes. Without
     * keys, this is also said of a file that was replaced.
     */
    CHANGED
  }

  /**
   * {@return the file that a path leads to now}
   *
   * @param file a path, whose links are followed
   * @throws IOException if there is none, or it cannot be asked
   */
  public static FileIdentity of(Path file) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    return new FileIdentity(attributes.fileKey(), attributes.size(), attributes.lastModifiedTime());
  }

  /**
   * {@return what has become of the file that a path led to when this was asked}
   *
   * @param file the same path as then
   */
  public State stateOf(Path file) {
    try {
      return stateOf(of(file));
    } catch (IOException e) {
      return State.REPLACED;
    }
  }

  /** What has become of a file whose path leads to {@code now}. */
  State stateOf(FileIdentity now) {
    if (equals(now)) {
      return State.UNCHANGED;
    }
    return Objects.equals(key, now.key) ? State.CHANGED : State.REPLACED;
  }
}
