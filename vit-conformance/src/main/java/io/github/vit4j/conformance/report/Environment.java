package io.github.vit4j.conformance.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Where checks were run.
 *
 * @param vit4j ViT4J itself with its version, for example {@code ViT4J 0.1.0}
 * @param java vendor's name and version, for example {@code OpenJDK 64-Bit Server VM 25.0.1+9-LTS}
 * @param os name, version and architecture, for example {@code Linux 6.1.0 amd64}
 * @param processor its name and how many threads of it there are, for example {@code AMD EPYC 7B13,
 *     2 threads}
 */
public record Environment(String vit4j, String java, String os, String processor) {
  /** {@return the environment of this JVM} */
  public static Environment here() {
    return new Environment(
        vit4jVersion(),
        System.getProperty("java.vm.name") + " " + Runtime.version(),
        "%s %s %s"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("os.arch")),
        "%s, %d threads".formatted(processorName(), Runtime.getRuntime().availableProcessors()));
  }

  /** What the build wrote into the jar; classes that were not packaged have none. */
  private static String vit4jVersion() {
    String version = Environment.class.getPackage().getImplementationVersion();
    return "ViT4J " + (version == null ? "(not packaged)" : version);
  }

  private static String processorName() {
    Path cpuinfo = Path.of("/proc/cpuinfo");
    if (Files.isReadable(cpuinfo)) {
      try (Stream<String> lines = Files.lines(cpuinfo)) {
        return lines
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElse(System.getProperty("os.arch"));
      } catch (IOException | UncheckedIOException e) {
        return System.getProperty("os.arch"); // a name that is there anyway
      }
    }
    return System.getProperty("os.arch");
  }
}
