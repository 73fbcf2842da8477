package io.github.vit4j.spi;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How many physical cores this process may use. Two threads on one core share its multipliers, so
 * matrix products do not get faster with more threads than cores: what a session takes for 0
 * threads.
 */
public final class ProcessorCores {
  private ProcessorCores() {}

  /**
   * {@return how many there are, at least 1} On Linux the cores behind the logical processors of
   * the affinity mask, and no more than the container's quota; elsewhere the processors that the
   * JVM sees.
   */
  public static int available() {
    int logical = Runtime.getRuntime().availableProcessors();
    try {
      return Math.clamp(
          physical(Path.of("/proc/self/status"), Path.of("/sys/devices/system/cpu")), 1, logical);
    } catch (IOException | RuntimeException e) {
      return logical; // not Linux, or a sandbox without these files
    }
  }

  /** {@return the processor's model name where Linux tells it, else its architecture} */
  public static String description() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      Optional<String> model =
          lines
              .filter(line -> line.startsWith("model name"))
              .map(line -> line.substring(line.indexOf(':') + 1).strip())
              .findFirst();
      if (model.isPresent()) {
        return model.get();
      }
    } catch (IOException | RuntimeException e) {
      // not Linux, or a sandbox without this file
    }
    return System.getProperty("os.arch") + " processor";
  }

  /** Distinct cores behind the allowed processors, by Linux's own files. */
  static int physical(Path status, Path cpus) throws IOException {
    String allowed =
        Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("Cpus_allowed_list:"))
            .findFirst()
            .orElseThrow(() -> new IOException("no affinity in " + status))
            .substring("Cpus_allowed_list:".length());
    Set<String> cores = new HashSet<>();
    BitSet processors = parseList(allowed);
    for (int cpu = processors.nextSetBit(0); cpu >= 0; cpu = processors.nextSetBit(cpu + 1)) {
      cores.add(
          Files.readString(cpus.resolve("cpu" + cpu).resolve("topology/thread_siblings_list")));
    }
    return cores.size();
  }

  /** Linux's list format, for example {@code 0-3,8}. */
  private static BitSet parseList(String list) {
    BitSet set = new BitSet();
    for (String range : list.strip().split(",", -1)) {
      int dash = range.indexOf('-');
      if (dash < 0) {
        set.set(Integer.parseInt(range));
      } else {
        set.set(
            Integer.parseInt(range.substring(0, dash)),
            Integer.parseInt(range.substring(dash + 1)) + 1);
      }
    }
    return set;
  }
}
