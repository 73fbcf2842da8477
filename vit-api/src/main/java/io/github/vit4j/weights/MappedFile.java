package io.github.vit4j.weights;

import io.github.vit4j.error.CheckpointException;
import io.github.vit4j.error.ModelNotFoundException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A file that is mapped into memory: its pages are read when they are used, and the mapping is
 * released by the garbage collector after the last tensor. Or bytes that were in memory already.
 *
 * @param source what to call it in messages
 * @param bytes all of it, native and read-only
 * @param path where it lies, with symbolic links resolved; null when it is in memory only
 * @param identity the file when it was mapped, null where that could not be told
 */
record MappedFile(
    String source, MemorySegment bytes, @Nullable Path path, @Nullable FileIdentity identity) {
  /** What git leaves in the place of a large file that was not fetched. */
  private static final byte[] LFS_POINTER =
      "version https://git-lfs".getBytes(StandardCharsets.UTF_8);

  /**
   * Maps a file.
   *
   * @throws ModelNotFoundException if there is no such file
   * @throws CheckpointException if it cannot be read, or is git's pointer to the file
   */
  static MappedFile open(Path file) {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new CheckpointException("cannot read " + file + ": it is not a regular file");
    }
    try {
      Path real = file.toRealPath();
      FileIdentity before = FileIdentity.of(real);
      try (FileChannel channel = FileChannel.open(real, StandardOpenOption.READ)) {
        MemorySegment bytes =
            channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
        // An open file cannot be asked who it is; asked before and after, its path can tell.
        FileIdentity identity =
            before.stateOf(real) == FileIdentity.State.UNCHANGED ? before : null;
        MappedFile mapped = new MappedFile(file.toString(), bytes, real, identity);
        if (mapped.startsWith(LFS_POINTER)) {
          throw new CheckpointException(
              "%s is not the weights but git's pointer to them; run 'git lfs pull' or download the file itself"
                  .formatted(file));
        }
        return mapped;
      }
    } catch (NoSuchFileException e) {
      throw new ModelNotFoundException("there is no file " + file, e);
    } catch (IOException e) {
      throw new CheckpointException("cannot read %s: %s".formatted(file, Safetensors.reason(e)), e);
    }
  }

  /** The bytes of a file that is held in memory; copied only if they are on the Java heap. */
  static MappedFile of(String name, MemorySegment bytes) {
    if (bytes.isNative()) {
      return new MappedFile(name, bytes.asReadOnly(), null, null);
    }
    // Engines take native memory only.
    MemorySegment copy = Arena.ofAuto().allocate(Math.max(bytes.byteSize(), 1), 64);
    MemorySegment.copy(bytes, 0, copy, 0, bytes.byteSize());
    return new MappedFile(name, copy.asSlice(0, bytes.byteSize()).asReadOnly(), null, null);
  }

  long size() {
    return bytes.byteSize();
  }

  /** Whether these are the first bytes. */
  boolean startsWith(byte[] prefix) {
    return size() >= prefix.length
        && bytes.asSlice(0, prefix.length).mismatch(MemorySegment.ofArray(prefix)) < 0;
  }

  /** The byte at {@code offset}, -1 beyond the end. */
  int byteAt(long offset) {
    return offset < size() ? bytes.get(ValueLayout.JAVA_BYTE, offset) & 0xff : -1;
  }

  /** Where these bytes lie in the file; null when they are in memory only. */
  @Nullable FileRegion region(long offset, long length) {
    return path == null ? null : new FileRegion(path, identity, offset, length);
  }
}
