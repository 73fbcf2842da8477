package io.github.vit4j.bench;

import io.github.vit4j.bench.Measurement.Section;
import io.github.vit4j.config.ViTConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The targets this project has set itself, for the models they are set for. */
final class Targets {
  /** Fewer are over before everything is warm. */
  private static final int ENOUGH_PHOTOS = 200;

  private Targets() {}

  static List<Target> of(ViTConfig config, List<Measurement> measurements, int photos) {
    List<Target> targets = new ArrayList<>();
    if (config.hiddenSize() == 768
        && config.numHiddenLayers() == 12
        && config.numPatches() == 196) {
      run(targets, measurements, "ViT-B/16 in float32", Targets::isFloat32, 0.85, 0.90);
      run(
          targets,
          measurements,
          "ViT-B/16 in the best other precision",
          m -> !isFloat32(m),
          0.30,
          0.28);
    }
    if (config.hiddenSize() == 192 && photos >= ENOUGH_PHOTOS) {
      best(
          targets,
          measurements,
          "photos to labels, float32 (1.8 times as fast)",
          m -> m.section() == Section.LABELS && isFloat32(m),
          1 / 1.8);
      best(
          targets,
          measurements,
          "photos to labels, best precision (3 times as fast)",
          m -> m.section() == Section.LABELS,
          1 / 3.0);
    }
    best(
        targets,
        measurements,
        "one photo, whole process",
        m -> m.section() == Section.PROCESS,
        1 / 3.0);
    return targets;
  }

  private static boolean isFloat32(Measurement measurement) {
    return measurement.isAt("precision", "float32");
  }

  private static void run(
      List<Target> targets,
      List<Measurement> measurements,
      String what,
      Predicate<Measurement> which,
      double atBatch1,
      double atBatch8) {
    for (int batch : new int[] {1, 8}) {
      best(
          targets,
          measurements,
          "%s, batch %d".formatted(what, batch),
          m ->
              m.section() == Section.RUNS
                  && m.isAt("batch", String.valueOf(batch))
                  // Like with like: Python has one caller, on the processor.
                  && m.isAt("callers", "1")
                  && !m.isAt("threads", "0")
                  && which.test(m),
          batch == 1 ? atBatch1 : atBatch8);
    }
  }

  private static void best(
      List<Target> targets,
      List<Measurement> measurements,
      String what,
      Predicate<Measurement> which,
      double most) {
    measurements.stream()
        .filter(Measurement::isOurs)
        .filter(which)
        .mapToDouble(Measurement::medianRatio)
        .filter(Double::isFinite)
        .min()
        .ifPresent(figure -> targets.add(new Target(what, figure, most)));
  }
}
