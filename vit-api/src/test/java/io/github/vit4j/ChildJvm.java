package io.github.vit4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Other JVMs like the one that runs the tests: the same Java, the same class path. */
public final class ChildJvm {
  private ChildJvm() {}

  /** The command that runs a class with options of the virtual machine and arguments. */
  public static List<String> command(
      List<String> options, String mainClass, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
    command.addAll(arguments);
    return command;
  }

  /** Runs a process to its end, which must come in time, and returns how it exits. */
  public static int run(ProcessBuilder builder, Duration time)
      throws IOException, InterruptedException {
    Process process = builder.start();
    try {
      assertThat(process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS)).as("it ends").isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }
}
