package io.github.vit4j.cli;

import io.github.vit4j.LoadOptions;
import io.github.vit4j.bench.ProcessMemory;
import io.github.vit4j.error.CheckpointException;
import io.github.vit4j.hub.ModelFiles;
import io.github.vit4j.runtime.BackendRegistry;
import io.github.vit4j.runtime.BackendRequest;
import io.github.vit4j.weights.Checkpoint;
import io.github.vit4j.weights.Weight;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** What {@code vit run --verbose} tells: times from the start of the process, and memory. */
final class RunReport {
  private final OptionalLong residentBefore;
  private final long begun = System.nanoTime();
  private final List<Long> ends = new ArrayList<>();
  private long loaded = begun;
  private Duration sinceProcessStart = Duration.ZERO;
  private OptionalLong residentAfter = OptionalLong.empty();

  private RunReport(OptionalLong residentBefore) {
    this.residentBefore = residentBefore;
  }

  /**
   * Starts the clock.
   *
   * @param memory whether to find out how much memory is taken before the model is loaded, by the
   *     JVM and the engine's own libraries
   */
  static RunReport begin(LoadOptions options, boolean memory) {
    if (!memory) {
      return new RunReport(OptionalLong.empty());
    }
    // Asking what is available loads the engine's libraries, which are not part of the model.
    BackendRegistry.installed()
        .choose(new BackendRequest(options.backend(), options.device(), options.precision()));
    return new RunReport(ProcessMemory.resident());
  }

  void loaded() {
    loaded = System.nanoTime();
  }

  void ran() {
    ends.add(System.nanoTime());
    if (ends.size() == 1) {
      sinceProcessStart =
          ProcessHandle.current()
              .info()
              .startInstant()
              .map(start -> Duration.between(start, Instant.now()))
              .orElse(Duration.ZERO);
      residentAfter = ProcessMemory.resident();
    }
  }

  void print(PrintWriter err, TaskModel model, ModelFiles files) {
    err.println(
        "vit: running on %s (%s)".formatted(model.model().info(), model.model().backendReason()));
    err.println(
        "vit: loaded in %s, first outputs after %s; %s since the process started"
            .formatted(
                seconds(loaded - begun),
                seconds(ends.getFirst() - begun),
                sinceProcessStart.isZero() ? "not known" : seconds(sinceProcessStart.toNanos())));
    if (ends.size() > 1) {
      err.println("vit: " + describeRepeats());
    }
    OptionalLong peak = ProcessMemory.peak();
    err.println(
        "vit: resident memory %s before the model was loaded, %s after the first outputs, %s at most"
            .formatted(
                ProcessMemory.describe(residentBefore),
                ProcessMemory.describe(residentAfter),
                ProcessMemory.describe(peak)));
    OptionalLong weights = weightBytes(files);
    err.println(
        "vit: the weights take %s; resident memory grew by %s that, by %s that at most"
            .formatted(
                ProcessMemory.describe(weights),
                ratio(residentAfter, weights),
                ratio(peak, weights)));
  }

  private String describeRepeats() {
    List<Long> times = new ArrayList<>();
    for (int i = 1; i < ends.size(); i++) {
      times.add(ends.get(i) - ends.get(i - 1));
    }
    times.sort(null);
    return "%d more runs: %s median, %s fastest"
        .formatted(times.size(), seconds(times.get(times.size() / 2)), seconds(times.getFirst()));
  }

  private String ratio(OptionalLong resident, OptionalLong weights) {
    if (resident.isEmpty() || residentBefore.isEmpty() || weights.orElse(0) == 0) {
      return "not known";
    }
    double grown = resident.getAsLong() - residentBefore.getAsLong();
    return String.format(Locale.ROOT, "%.2f times", grown / weights.getAsLong());
  }

  private static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.3f s", nanos / 1e9);
  }

  private static OptionalLong weightBytes(ModelFiles files) {
    Optional<Checkpoint> checkpoint = files.checkpoint();
    if (checkpoint.isPresent()) {
      long bytes = 0;
      for (String name : checkpoint.get().names()) {
        try {
          Weight weight = checkpoint.get().get(name);
          bytes += weight == null ? 0 : weight.tensor().data().byteSize();
        } catch (CheckpointException e) {
          // of a type that nothing here can use, so that it is not in use
        }
      }
      return OptionalLong.of(bytes);
    }
    Optional<Path> exported = files.exportedOnnx();
    try {
      return exported.isPresent()
          ? OptionalLong.of(Files.size(exported.get()))
          : OptionalLong.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
