package io.github.vit4j.conformance;

import static io.github.vit4j.conformance.Checks.notConforming;
import static io.github.vit4j.conformance.Checks.require;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Requirement 1.3, judged in a new JVM in which the class has not been loaded yet: {@link
 * LoadingProbe} makes the provider there and reports what happened.
 */
final class QuietLoading {
  private static final long PATIENCE_SECONDS = 120;

  private QuietLoading() {}

  static void judge(Class<?> provider) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("vit4j-loading");
    try {
      Path home = Files.createDirectory(folder.resolve("home"));
      Path work = Files.createDirectory(folder.resolve("work"));
      Path temporary = Files.createDirectory(folder.resolve("tmp"));
      Path output = folder.resolve("output");
      Process process =
          new ProcessBuilder(command(provider, home, temporary))
              .directory(work.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw notConforming("not loaded after %d seconds: it seems to hang", PATIENCE_SECONDS);
      }
      List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
      List<String> found =
          lines.stream()
              .filter(line -> line.startsWith(LoadingProbe.FOUND))
              .map(line -> line.substring(LoadingProbe.FOUND.length()))
              .toList();
      require(found.isEmpty(), "loading %s: %s", provider.getName(), String.join("; ", found));
      if (lines.contains(LoadingProbe.NO_RECORDER)) {
        throw new Checks.NotJudged("this Java has no flight recorder (module jdk.jfr)");
      }
      require(
          lines.contains(LoadingProbe.DONE),
          "could not be made in a JVM of its own: %s",
          lines.isEmpty() ? "exit code " + process.exitValue() : lines.getLast());
      for (Path directory : List.of(home, work)) {
        try (Stream<Path> files = Files.list(directory)) {
          files
              .findAny()
              .ifPresent(
                  file -> {
                    throw notConforming(
                        "loading %s wrote %s into the %s directory",
                        provider.getName(), file.getFileName(), directory.getFileName());
                  });
        }
      }
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static List<String> command(Class<?> provider, Path home, Path temporary) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Flags such as --enable-native-access, but no agent, debugger or recording of this JVM.
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--"))
        .forEach(command::add);
    command.add("-XX:+UseSerialGC");
    command.add("-Duser.home=" + home);
    command.add("-Djava.io.tmpdir=" + temporary);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(LoadingProbe.class.getName());
    command.add(provider.getName());
    return command;
  }
}
