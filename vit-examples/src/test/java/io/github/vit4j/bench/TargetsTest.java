package io.github.vit4j.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.vit4j.bench.Measurement.Section;
import io.github.vit4j.config.ViTConfig;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TargetsTest {
  private static final ViTConfig BASE = ViTConfig.builder().build();

  private static Measurement measured(
      Section section, boolean ours, String precision, String batch, double ratio) {
    return new Measurement(
        section,
        ours,
        Map.of(
            "engine", "x", "precision", precision, "batch", batch, "threads", "2", "callers", "1"),
        Samples.of(new double[] {1}),
        Samples.of(new double[] {ratio}),
        Map.of());
  }

  @Test
  void theBestOfOursCounts() {
    List<Target> targets =
        Targets.of(
            BASE,
            List.of(
                measured(Section.RUNS, true, "float32", "1", 0.9),
                measured(Section.RUNS, true, "float32", "1", 0.8),
                measured(Section.RUNS, false, "float32", "1", 0.1),
                measured(Section.RUNS, true, "float32", "8", 0.95),
                measured(Section.RUNS, true, "int8", "8", 0.2)),
            0);
    assertThat(targets)
        .extracting(Target::what, Target::figure, Target::isMet)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("ViT-B/16 in float32, batch 1", 0.8, true),
            org.assertj.core.groups.Tuple.tuple("ViT-B/16 in float32, batch 8", 0.95, false),
            org.assertj.core.groups.Tuple.tuple(
                "ViT-B/16 in the best other precision, batch 8", 0.2, true));
  }

  @Test
  void theyApplyToTheModelsTheyAreSetFor() {
    ViTConfig small = BASE.toBuilder().hiddenSize(64).numAttentionHeads(4).build();
    List<Measurement> measurements =
        List.of(
            measured(Section.RUNS, true, "float32", "1", 0.5),
            measured(Section.LABELS, true, "float32", "", 0.5),
            measured(Section.PROCESS, true, "float32", "", 0.5));
    assertThat(Targets.of(small, measurements, 1000))
        .extracting(Target::what)
        .containsExactly("one photo, whole process");
    ViTConfig tiny = BASE.toBuilder().hiddenSize(192).numAttentionHeads(3).build();
    assertThat(Targets.of(tiny, measurements, 1000)).hasSize(3);
    assertThat(Targets.of(tiny, measurements, 20)).hasSize(1);
  }

  @Test
  void withoutPythonThereAreNone() {
    Measurement alone =
        new Measurement(
            Section.PROCESS, true, Map.of(), Samples.of(new double[] {1}), null, Map.of());
    assertThat(Targets.of(BASE, List.of(alone), 0)).isEmpty();
  }

  @Test
  void aPictureOfVitBaseTakesWhatThePapersSay() {
    // 17.6 billion multiply-adds, DeiT (arXiv:2012.12877) and timm's benchmark table
    assertThat(Flops.ofForward(BASE) / 2).isCloseTo(17.58e9, within(0.05e9));
  }
}
