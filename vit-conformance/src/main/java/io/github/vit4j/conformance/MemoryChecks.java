package io.github.vit4j.conformance;

import static io.github.vit4j.conformance.Checks.finding;
import static io.github.vit4j.conformance.Checks.notConforming;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.ModelSource;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.RandomWeights;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Requirements 6.10 and 6.11, by what the operating system counts. Memory, threads or open files
 * that grow in each of several phases of equal work are lost; what grows once is a pool or a
 * compiler.
 */
final class MemoryChecks {
  private static final int PHASES = 3;

  private static final int IMAGES = 16;
  private static final int RUNS_A_PHASE = 400;
  private static final int SESSIONS_A_PHASE = 25;

  /** Collected now and then, so that what is measured is what stays, not what waits. */
  private static final int BETWEEN_COLLECTIONS = 20;

  private static final long PAUSE_NANOSECONDS = 5_000_000;

  private final Subject subject;

  private MemoryChecks(Subject subject) {
    this.subject = subject;
  }

  static List<Check> of(Subject subject) {
    MemoryChecks checks = new MemoryChecks(subject);
    return List.of(
        finding(
            Requirement.MEMORY_OF_RUNS,
            "%d runs of %d images after as many to warm up"
                .formatted(PHASES * RUNS_A_PHASE, IMAGES),
            checks::runs),
        finding(
            Requirement.MEMORY_OF_SESSIONS,
            "%d sessions opened, run and closed after as many to warm up"
                .formatted(PHASES * SESSIONS_A_PHASE),
            checks::sessions));
  }

  /** Pixels and every output take 200 to 700 kB a run: losing any of them shows. */
  private void runs() {
    ViTConfig config =
        ViTConfig.builder()
            .hiddenSize(48)
            .numHiddenLayers(1)
            .numAttentionHeads(2)
            .intermediateSize(48)
            .imageSize(32)
            .patchSize(4)
            .build();
    ModelDefinition model = random(config, Architecture.VIT_MODEL);
    ViTInputs inputs =
        inputs(IMAGES, Output.LAST_HIDDEN_STATE, Output.HIDDEN_STATES, Output.ATTENTIONS);
    try (ViTSession session = Checks.open(subject, model)) {
      long smallest =
          NamedOutputs.of(session.run(inputs)).values().stream()
              .mapToLong(tensor -> tensor.data().byteSize())
              .min()
              .orElseThrow();
      long lost = Math.min(smallest, inputs.pixelValues().data().byteSize()) / 2;
      judge(RUNS_A_PHASE, () -> session.run(inputs), lost, "runs");
    }
  }

  private void sessions() {
    ViTConfig config =
        ViTConfig.builder()
            .hiddenSize(256)
            .numHiddenLayers(3)
            .numAttentionHeads(4)
            .intermediateSize(1024)
            .imageSize(32)
            .patchSize(8)
            .build();
    ModelDefinition model = random(config, Architecture.VIT_FOR_IMAGE_CLASSIFICATION);
    long size =
        ((ModelSource.Weights) model.source())
            .byName().values().stream().mapToLong(w -> w.tensor().data().byteSize()).sum();
    ViTInputs inputs = inputs(1, Output.LOGITS);
    // A tenth of the weights: less is not told apart from what a JVM does by itself.
    judge(
        SESSIONS_A_PHASE,
        () -> {
          try (ViTSession session = Checks.open(subject, model)) {
            session.run(inputs);
          }
        },
        size / 10,
        "sessions");
  }

  private static ModelDefinition random(ViTConfig config, Architecture architecture) {
    return new ModelDefinition(
        config,
        architecture,
        new ModelSource.Weights(RandomWeights.create(config, architecture, false, 1)));
  }

  private static ViTInputs inputs(int images, Output... outputs) {
    return new ViTInputs(
        Tensor.allocate(ElementType.FLOAT32, images, 3, 32, 32), null, false, Set.of(outputs));
  }

  /** What the process holds. */
  private record Held(long memory, long threads, long openFiles) {
    static Held now() {
      OptionalLong memory = ProcessMemory.resident();
      OptionalLong threads = ProcessMemory.threads();
      OptionalLong openFiles = ProcessMemory.openFiles();
      if (memory.isEmpty() || threads.isEmpty() || openFiles.isEmpty()) {
        throw new Checks.NotJudged("the operating system has no /proc/self to read");
      }
      return new Held(memory.getAsLong(), threads.getAsLong(), openFiles.getAsLong());
    }
  }

  /**
   * Ends as soon as nothing is lost any more.
   *
   * @param bytes how much more at each turn counts as lost; of threads and files, one at every
   *     second turn
   */
  private static void judge(int times, Runnable action, long bytes, String what) {
    for (int phase = 0; phase < PHASES; phase++) {
      repeat(times, action);
    }
    List<String> grown = new ArrayList<>();
    Held before = Held.now();
    for (int phase = 0; phase < PHASES; phase++) {
      repeat(times, action);
      Held now = Held.now();
      if (now.memory - before.memory < bytes * times
          && now.threads - before.threads < times / 2
          && now.openFiles - before.openFiles < times / 2) {
        return;
      }
      grown.add(
          "%d MB, %d threads, %d open files"
              .formatted(
                  (now.memory - before.memory) >> 20,
                  now.threads - before.threads,
                  now.openFiles - before.openFiles));
      before = now;
    }
    throw notConforming(
        "every %d %s need more, phase after phase: %s", times, what, String.join("; ", grown));
  }

  private static void repeat(int times, Runnable action) {
    for (int i = 0; i < times; i++) {
      action.run();
      if (i % BETWEEN_COLLECTIONS == 0) {
        System.gc();
        LockSupport.parkNanos(PAUSE_NANOSECONDS);
      }
    }
  }
}
