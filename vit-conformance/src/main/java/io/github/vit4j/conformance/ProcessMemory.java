package io.github.vit4j.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** What the operating system says about memory; only Linux is asked. */
final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path MEMINFO = Path.of("/proc/meminfo");

  /** Of version 2; elsewhere the limit is not seen. */
  private static final Path CONTAINER = Path.of("/sys/fs/cgroup");

  private static final int READINGS = 8;
  private static final long PAUSE_NANOSECONDS = 40_000_000;

  private ProcessMemory() {}

  /** Bytes that could be allocated without swapping, and without the container being ended. */
  static OptionalLong available() {
    OptionalLong available = read(MEMINFO, "MemAvailable:");
    OptionalLong limit = number(CONTAINER.resolve("memory.max"), "");
    // Pages of files are given back when memory runs short.
    OptionalLong used = number(CONTAINER.resolve("memory.stat"), "anon ");
    return available.isPresent() && limit.isPresent() && used.isPresent()
        ? OptionalLong.of(Math.min(available.getAsLong(), limit.getAsLong() - used.getAsLong()))
        : available;
  }

  /** How many threads this process has, the engine's own included. */
  static OptionalLong threads() {
    return entries(Path.of("/proc/self/task"));
  }

  /** How many files and sockets this process has open. */
  static OptionalLong openFiles() {
    return entries(Path.of("/proc/self/fd"));
  }

  private static OptionalLong entries(Path directory) {
    if (!Files.isReadable(directory)) {
      return OptionalLong.empty();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return OptionalLong.of(entries.count());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Bytes of this process in memory, after garbage collections and without what malloc keeps of
   * freed memory, as what is lost would first fill that and not be seen: the least of several
   * readings, as what has become garbage is released some time later.
   */
  static OptionalLong resident() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < READINGS; i++) {
      System.gc();
      NativeHeap.trim();
      LockSupport.parkNanos(PAUSE_NANOSECONDS);
      OptionalLong now = read(STATUS, "VmRSS:");
      if (now.isEmpty()) {
        return now;
      }
      least = Math.min(least, now.getAsLong());
    }
    return OptionalLong.of(least);
  }

  /** Kilobytes behind the name of a field, as bytes. */
  private static OptionalLong read(Path file, String field) {
    OptionalLong kilobytes = number(file, field);
    return kilobytes.isEmpty() ? kilobytes : OptionalLong.of(kilobytes.getAsLong() << 10);
  }

  /** The number in the first line that begins so; empty if there is none, or no such file. */
  private static OptionalLong number(Path file, String beginning) {
    if (!Files.isReadable(file)) {
      return OptionalLong.empty();
    }
    try {
      return Files.readAllLines(file).stream()
          .filter(line -> line.startsWith(beginning))
          .map(line -> line.replaceAll("[^0-9]", ""))
          .filter(digits -> !digits.isEmpty())
          .mapToLong(Long::parseLong)
          .findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
