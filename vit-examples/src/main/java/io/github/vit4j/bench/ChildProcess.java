package io.github.vit4j.bench;

import io.github.vit4j.error.BackendException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a process of its own said and took.
 *
 * @param output what it wrote to its standard output
 * @param seconds from its start to its end
 */
record ChildProcess(String output, double seconds) {
  private static final int MINUTES = 5;

  /**
   * Runs a program to its end.
   *
   * @param folder an existing one for what it says
   * @throws BackendException if it cannot be started, fails, or takes more than five minutes; the
   *     last line of its standard error is the reason
   */
  static ChildProcess run(List<String> command, Path folder) {
    Path out = folder.resolve("child.out");
    Path err = folder.resolve("child.err");
    try {
      long start = System.nanoTime();
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      process.getOutputStream().close();
      if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new BackendException(
            "%s took more than %d minutes".formatted(command.getFirst(), MINUTES));
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      if (process.exitValue() != 0) {
        throw new BackendException(
            Files.readAllLines(err, StandardCharsets.UTF_8).stream()
                .filter(line -> !line.isBlank())
                .reduce((first, second) -> second)
                .orElse("exit code " + process.exitValue()));
      }
      return new ChildProcess(Files.readString(out), seconds);
    } catch (IOException e) {
      throw new BackendException(
          "cannot run %s: %s".formatted(command.getFirst(), e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackendException("interrupted while waiting for " + command.getFirst(), e);
    }
  }

  /** This JVM with these options and this class path, and another main class. */
  static List<String> java(Class<?> main, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    return command;
  }
}
