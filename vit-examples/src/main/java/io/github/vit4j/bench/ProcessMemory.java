package io.github.vit4j.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;

/** How much memory this process takes; known on Linux only. */
public final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");

  private ProcessMemory() {}

  /** Resident memory now, in bytes. */
  public static OptionalLong resident() {
    return field("VmRSS:");
  }

  /** The most that was resident at once since the process started, in bytes. */
  public static OptionalLong peak() {
    return field("VmHWM:");
  }

  /** Resident memory that no file backs, in bytes: what the process itself has asked for. */
  static OptionalLong anonymous() {
    return field("RssAnon:");
  }

  private static OptionalLong field(String name) {
    try {
      return Files.readAllLines(STATUS, StandardCharsets.ISO_8859_1).stream()
          .filter(line -> line.startsWith(name))
          .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /** Physical memory of the machine or container, in bytes. */
  public static long machineBytes() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : Long.MAX_VALUE;
  }

  /** For example {@code 346.3 MB}. */
  public static String describe(long bytes) {
    return bytes < 10_000_000_000L
        ? String.format(Locale.ROOT, "%.1f MB", bytes / 1e6)
        : String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
  }

  /** {@link #describe(long)}, or that it is not known. */
  public static String describe(OptionalLong bytes) {
    return bytes.isPresent() ? describe(bytes.getAsLong()) : "not known";
  }
}
