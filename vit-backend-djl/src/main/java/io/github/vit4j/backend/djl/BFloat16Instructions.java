package io.github.vit4j.backend.djl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Whether the processor multiplies in bfloat16 itself. Where it does not, oneDNN emulates it, more
 * slowly than float32.
 */
final class BFloat16Instructions {
  private static final List<String> FLAGS = List.of("amx_bf16", "avx512_bf16");

  private BFloat16Instructions() {}

  /** What Linux tells about the first processor; false on other systems. */
  static boolean present() {
    return present(Path.of("/proc/cpuinfo"));
  }

  static boolean present(Path cpuinfo) {
    try (Stream<String> lines = Files.lines(cpuinfo)) {
      return lines
          .filter(line -> line.startsWith("flags"))
          .findFirst()
          .map(line -> Arrays.asList(line.split("\\s+", -1)))
          .filter(flags -> FLAGS.stream().anyMatch(flags::contains))
          .isPresent();
    } catch (IOException | RuntimeException e) {
      return false; // not Linux, or a sandbox without this file
    }
  }
}
