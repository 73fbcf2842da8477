package io.github.vit4j;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Runs Jazzer in a process of its own, which has a small heap and may crash or hang. */
public final class Fuzzing {
  private static final int SEED = Integer.getInteger("vit4j.fuzz.seed", 1);
  private static final Duration MAX_DURATION = Duration.ofSeconds(5);
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Fuzzing() {}

  /** How long to fuzz: the system property {@code vit4j.fuzz.seconds}, or what is given. */
  public static int seconds(int otherwise) {
    return Integer.getInteger("vit4j.fuzz.seconds", otherwise);
  }

  /**
   * Calls the target's {@code fuzzerTestOneInput} with changed seeds, and fails if it finds
   * something.
   *
   * @param folder empty but for the seeds; keeps what is found
   * @param seeds files to begin with
   * @param instrumented classes whose branches are watched, as Jazzer's option wants them
   * @param options more options of the virtual machine
   */
  public static void run(
      Class<?> target, Path folder, Path seeds, int seconds, String instrumented, String... options)
      throws IOException, InterruptedException {
    Path log = folder.resolve("log");
    List<String> virtualMachine = new ArrayList<>(List.of(options));
    virtualMachine.addAll(
        List.of(
            "-Xmx512m",
            // With others the JDK's JPEG reader can stop the JVM: see JdkJpegFault.
            "-XX:+UseG1GC",
            "-XX:+EnableDynamicAgentLoading",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Djava.awt.headless=true"));
    List<String> jazzer =
        List.of(
            "--target_class=" + target.getName(),
            "--instrumentation_includes=" + instrumented,
            "--reproducer_path=" + folder,
            "-artifact_prefix=" + folder.resolve("found-"),
            "-seed=" + SEED,
            "-max_total_time=" + seconds,
            "-timeout=40",
            "-rss_limit_mb=3000",
            "-print_final_stats=1",
            Files.createDirectory(folder.resolve("corpus")).toString(),
            seeds.toString());
    List<String> command =
        ChildJvm.command(virtualMachine, "com.code_intelligence.jazzer.Jazzer", jazzer);
    int exitValue =
        ChildJvm.run(
            new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile()),
            Duration.ofSeconds(seconds + 120L));
    List<String> lines = Files.readAllLines(log);
    String end = String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
    // What was found first: the rest is long, and whoever reads a log of tests may see its begin.
    assertThat(exitValue)
        .as(() -> String.join("\n", options) + found(folder) + "\n" + end)
        .isZero();
    assertThat(end).contains("stat::number_of_executed_units");
    lines.stream()
        .filter(line -> line.startsWith("stat::number_of_executed_units"))
        .forEach(line -> System.out.println(target.getSimpleName() + " " + line));
  }

  private static String found(Path folder) {
    StringBuilder text = new StringBuilder();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file :
          files.filter(f -> f.getFileName().toString().startsWith("found-")).toList()) {
        byte[] bytes = Files.readAllBytes(file);
        text.append("\n").append(file.getFileName()).append("\t");
        text.append(Base64.getEncoder().encodeToString(bytes));
      }
    } catch (IOException e) {
      text.append(e);
    }
    return text.toString();
  }

  /**
   * Reads something in little time and memory, or fails.
   *
   * @param maxAllocatedBytes on the heap
   * @param input what it is, for the message
   */
  public static void requireModest(long maxAllocatedBytes, String input, Runnable reading) {
    if (excess(maxAllocatedBytes, reading).isPresent()) {
      // Again, because the first time may have loaded and instrumented classes.
      excess(maxAllocatedBytes, reading)
          .ifPresent(
              excess -> {
                throw new AssertionError("%s made %s".formatted(input, excess));
              });
    }
  }

  private static Optional<String> excess(long maxAllocatedBytes, Runnable reading) {
    long start = System.nanoTime();
    long before = THREADS.getCurrentThreadAllocatedBytes();
    reading.run();
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    Duration duration = Duration.ofNanos(System.nanoTime() - start);
    return allocated > maxAllocatedBytes || duration.compareTo(MAX_DURATION) > 0
        ? Optional.of("%d MiB in %s".formatted(allocated >> 20, duration))
        : Optional.empty();
  }
}
