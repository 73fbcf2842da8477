package io.github.vit4j.conformance;

import static io.github.vit4j.conformance.Checks.notConforming;
import static io.github.vit4j.conformance.Checks.require;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Requirement 1.3, judged in a new JVM in which the class has not been loaded yet: {@link
 * LoadingProbe} makes the provider there and reports what happened.
 */
final class QuietLoading {
  private static final long PATIENCE_SECONDS = 120;

  private static final List<String> NOT_PASSED_ON =
      List.of(
          "-agent",
          "-javaagent",
          "-Xrun",
          "-Xdebug",
          "-XX:StartFlightRecording",
          "-XX:FlightRecorderOptions",
          "-Xlog",
          "-Duser.home=",
          "-Djava.io.tmpdir=",
          "-Djava.class.path=");

  private QuietLoading() {}

  static void judge(Class<?> provider) throws IOException, InterruptedException {
    try (TemporaryDirectory folder = new TemporaryDirectory("vit4j-loading")) {
      Path home = Files.createDirectory(folder.path().resolve("home"));
      Path work = Files.createDirectory(folder.path().resolve("work"));
      Path temporary = Files.createDirectory(folder.path().resolve("tmp"));
      Path output = folder.path().resolve("output");
      Path arguments = folder.path().resolve("arguments");
      Files.write(arguments, arguments(provider, home, temporary));
      ProcessBuilder builder =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "@" + arguments)
              .directory(work.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      builder.environment().put("HOME", home.toString());
      Process process = builder.start();
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
        throw notConforming("not loaded after %d seconds: it seems to hang", PATIENCE_SECONDS);
      }
      judge(provider, Files.readAllLines(output, StandardCharsets.UTF_8), process.exitValue());
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
    }
  }

  private static void judge(Class<?> provider, List<String> lines, int exitCode) {
    List<String> found =
        lines.stream()
            .filter(line -> line.startsWith(LoadingProbe.FOUND))
            .map(line -> line.substring(LoadingProbe.FOUND.length()))
            .toList();
    require(found.isEmpty(), "loading %s: %s", provider.getName(), String.join("; ", found));
    if (lines.contains(LoadingProbe.NO_RECORDER)) {
      throw new Checks.NotJudged("this Java has no flight recorder (module jdk.jfr)");
    }
    if (lines.contains(LoadingProbe.NO_CLASS)
        || lines.stream().anyMatch(line -> line.contains(LoadingProbe.class.getName()))) {
      throw new Checks.NotJudged(
          "the class path of a JVM of its own does not hold the class (a module path, or a class"
              + " loader of its own)");
    }
    require(
        lines.contains(LoadingProbe.DONE),
        "could not be made in a JVM of its own: %s",
        lines.isEmpty() ? "exit code " + exitCode : lines.getLast());
  }

  /** In a file, as a class path may be longer than a command line. */
  private static List<String> arguments(Class<?> provider, Path home, Path temporary) {
    List<String> arguments = new ArrayList<>();
    // Flags such as --enable-native-access, but no agent, debugger or recording of this JVM.
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> NOT_PASSED_ON.stream().noneMatch(argument::startsWith))
        .forEach(arguments::add);
    arguments.add("-Duser.home=" + home);
    arguments.add("-Djava.io.tmpdir=" + temporary);
    arguments.add("-cp");
    arguments.add(
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(entry -> Path.of(entry).toAbsolutePath().toString())
            .collect(Collectors.joining(File.pathSeparator)));
    arguments.add(LoadingProbe.class.getName());
    arguments.add(provider.getName());
    return arguments.stream()
        .map(argument -> '"' + argument.replace("\\", "\\\\").replace("\"", "\\\"") + '"')
        .toList();
  }
}
