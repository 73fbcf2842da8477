package io.github.vit4j.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;

/** What the operating system says about memory; only Linux is asked. */
final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path MEMINFO = Path.of("/proc/meminfo");
  private static final int READINGS = 8;
  private static final long PAUSE_NANOSECONDS = 40_000_000;

  private ProcessMemory() {}

  /** Bytes that could be allocated without swapping. */
  static OptionalLong available() {
    return read(MEMINFO, "MemAvailable:");
  }

  /**
   * Bytes of this process in memory, after garbage collections: the least of several readings, as
   * what has become garbage is released some time later.
   */
  static OptionalLong resident() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < READINGS; i++) {
      System.gc();
      LockSupport.parkNanos(PAUSE_NANOSECONDS);
      OptionalLong now = read(STATUS, "VmRSS:");
      if (now.isEmpty()) {
        return now;
      }
      least = Math.min(least, now.getAsLong());
    }
    return OptionalLong.of(least);
  }

  private static OptionalLong read(Path file, String field) {
    if (!Files.isReadable(file)) {
      return OptionalLong.empty();
    }
    try {
      return Files.readAllLines(file).stream()
          .filter(line -> line.startsWith(field))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
          .findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
