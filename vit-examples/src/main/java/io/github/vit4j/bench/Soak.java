package io.github.vit4j.bench;

import io.github.vit4j.LoadOptions;
import io.github.vit4j.ViTForImageClassification;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.hub.ModelFiles;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/** Whether memory, threads and open files stay as they are, however often a model is used. */
public final class Soak {
  private static final int CHECKPOINTS = 10;

  /** So many at either end are compared by their medians. */
  private static final int AT_AN_END = 3;

  private Soak() {}

  /**
   * What was held, in equal distances, after a warm-up.
   *
   * @param what was repeated, for example {@code runs}
   * @param times how often, the warm-up of as much again for a tenth (of cycles: half) not counted
   * @param held at the beginning, and after each tenth
   */
  public record Outcome(String what, int times, List<Held> held) {
    /** Copies. */
    public Outcome {
      held = List.copyOf(held);
    }

    /** Bytes by which memory grew from the first to the last readings, by their medians. */
    public long memoryGrowth() {
      return growth(Held::memory);
    }

    /** Bytes by which the heap grew. */
    public long heapGrowth() {
      return growth(Held::heap);
    }

    private long growth(ToLongFunction<Held> of) {
      return median(held.subList(held.size() - AT_AN_END, held.size()), of)
          - median(held.subList(0, AT_AN_END), of);
    }

    private static long median(List<Held> held, ToLongFunction<Held> of) {
      return held.stream().mapToLong(of).sorted().skip(held.size() / 2).findFirst().orElseThrow();
    }

    /**
     * Whether nothing is lost: memory and heap did not grow by more than {@code limit} bytes, and
     * threads and files by a few at most.
     */
    public boolean isFlat(long limit) {
      long few = Math.max(2, Math.min(8, times / 10));
      return memoryGrowth() <= limit
          && heapGrowth() <= limit
          && growth(Held::threads) <= few
          && growth(Held::files) <= few;
    }
  }

  /**
   * Runs a classifier over and over.
   *
   * @param runs how often, at least 10
   * @param batch images a run
   * @param progress is told how far it is, a line each time
   */
  public static Outcome runs(
      ModelFiles files, LoadOptions options, int runs, int batch, Consumer<String> progress) {
    try (ViTForImageClassification model =
        ViTForImageClassification.fromPretrained(files, options)) {
      Tensor pixels = pixels(files.config(), batch);
      return repeat("runs", runs, runs / 10, () -> model.forward(pixels), progress);
    }
  }

  /**
   * Opens a classifier, runs it once and closes it, over and over. The first ones fill the pools of
   * the JVM and of malloc: half as many do not count.
   *
   * @param cycles how often, at least 10
   * @param progress is told how far it is, a line each time
   */
  public static Outcome cycles(
      ModelFiles files, LoadOptions options, int cycles, Consumer<String> progress) {
    Tensor pixels = pixels(files.config(), 1);
    return repeat(
        "open, run, close",
        cycles,
        cycles / 2,
        () -> {
          try (ViTForImageClassification model =
              ViTForImageClassification.fromPretrained(files, options)) {
            model.forward(pixels);
          }
        },
        progress);
  }

  private static Tensor pixels(ViTConfig config, int batch) {
    return Tensor.allocate(
        ElementType.FLOAT32,
        batch,
        config.numChannels(),
        config.imageSize().height(),
        config.imageSize().width());
  }

  private static Outcome repeat(
      String what, int times, int warmUp, Runnable action, Consumer<String> progress) {
    for (int i = 0; i < warmUp; i++) {
      action.run();
    }
    List<Held> held = new ArrayList<>();
    held.add(Held.now());
    for (int i = 1; i <= times; i++) {
      action.run();
      if ((long) i * CHECKPOINTS / times > (long) (i - 1) * CHECKPOINTS / times) {
        held.add(Held.now());
        progress.accept(
            "%s: %d of %d, %s"
                .formatted(what, i, times, ProcessMemory.describe(held.getLast().memory())));
      }
    }
    return new Outcome(what, times, held);
  }
}
