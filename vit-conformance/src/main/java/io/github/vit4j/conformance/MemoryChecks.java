package io.github.vit4j.conformance;

import static io.github.vit4j.conformance.Checks.finding;
import static io.github.vit4j.conformance.Checks.require;

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
import io.github.vit4j.weights.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Requirements 6.10 and 6.11, by what the operating system counts as resident. Memory that grows in
 * each of several phases of equal work is lost; memory that grows once is a pool or a compiler.
 */
final class MemoryChecks {
  private static final int PHASES = 3;

  private static final int IMAGES = 32;
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

  private void runs() {
    ModelDefinition model = ReferenceCases.named("model_without_pooler").model();
    ViTInputs inputs =
        new ViTInputs(
            Tensor.allocate(ElementType.FLOAT32, IMAGES, 3, 16, 16),
            null,
            false,
            Set.of(Output.LAST_HIDDEN_STATE, Output.HIDDEN_STATES, Output.ATTENTIONS));
    try (ViTSession session = Checks.open(subject, model)) {
      // The smallest thing to lose is a copy of the pixels; half of that is no rounding.
      long lost = inputs.pixelValues().data().byteSize() * RUNS_A_PHASE / 2;
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
    Map<String, Weight> weights =
        RandomWeights.create(config, Architecture.VIT_FOR_IMAGE_CLASSIFICATION, false, 1);
    ModelDefinition model =
        new ModelDefinition(
            config, Architecture.VIT_FOR_IMAGE_CLASSIFICATION, new ModelSource.Weights(weights));
    long size = weights.values().stream().mapToLong(w -> w.tensor().data().byteSize()).sum();
    ViTInputs inputs =
        new ViTInputs(
            Tensor.allocate(ElementType.FLOAT32, 1, 3, 32, 32), null, false, Set.of(Output.LOGITS));
    // A tenth of the weights: less is not told apart from what a JVM does by itself.
    judge(
        SESSIONS_A_PHASE,
        () -> {
          try (ViTSession session = Checks.open(subject, model)) {
            session.run(inputs);
          }
        },
        size * SESSIONS_A_PHASE / 10,
        "sessions");
  }

  private static void judge(int times, Runnable action, long lost, String what) {
    for (int phase = 0; phase < PHASES; phase++) {
      repeat(times, action);
    }
    List<Long> grown = new ArrayList<>();
    long before = resident();
    for (int phase = 0; phase < PHASES; phase++) {
      repeat(times, action);
      long now = resident();
      grown.add((now - before) >> 20);
      if (now - before < lost) {
        return;
      }
      before = now;
    }
    require(
        false,
        "every %d %s need more memory: %s MB, one phase after the other",
        times,
        what,
        grown);
  }

  private static long resident() {
    OptionalLong bytes = ProcessMemory.resident();
    if (bytes.isEmpty()) {
      throw new Checks.NotJudged("the operating system has no /proc/self/status to read");
    }
    return bytes.getAsLong();
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
