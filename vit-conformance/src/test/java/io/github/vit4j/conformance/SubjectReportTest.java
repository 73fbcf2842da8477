package io.github.vit4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.conformance.Requirement.Level;
import io.github.vit4j.conformance.SubjectReport.Verdict;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What the checks of a subject say together. */
class SubjectReportTest {
  private static final Outcome PASSED = new Outcome.Passed(List.of());
  private static final Outcome FAILED = new Outcome.Failed("wrong", List.of());
  private static final Outcome SKIPPED = new Outcome.Skipped("unknown");

  private static CheckResult result(Requirement requirement, String name, Outcome outcome) {
    return new CheckResult(requirement, name, outcome);
  }

  private static SubjectReport report(CheckResult... results) {
    return new SubjectReport("abacus", "1", "cpu", "float32", List.of(results));
  }

  private static SubjectReport all(Function<Requirement, Outcome> outcome) {
    return report(
        Arrays.stream(Requirement.values())
            .map(r -> result(r, "case", outcome.apply(r)))
            .toArray(CheckResult[]::new));
  }

  @Test
  void withoutResultsNothingConforms() {
    assertThat(report().conforms()).isFalse();
    assertThat(report().judgement()).isEqualTo("nothing was judged");
    assertThat(all(r -> SKIPPED).conforms()).isFalse();
    assertThat(all(r -> SKIPPED).judgement()).isEqualTo("nothing was judged");
  }

  @Test
  void whatIsOptionalAloneDoesNotConform() {
    SubjectReport report = report(result(Requirement.NO_LAYERS, "none", PASSED));
    assertThat(report.conforms()).isFalse();
    assertThat(report.judgement()).isEqualTo("no required one was judged");
  }

  @Test
  void aRequiredFailureIsNamed() {
    SubjectReport report =
        all(r -> r == Requirement.MASKS || r == Requirement.LOGITS ? FAILED : PASSED);
    assertThat(report.conforms()).isFalse();
    assertThat(report.judgement()).isEqualTo("does not conform: 2.1, 3.2");
    assertThat(report.count(Verdict.FAILED)).isEqualTo(2);
  }

  @Test
  void anOptionalFailureStillConforms() {
    SubjectReport report = all(r -> r == Requirement.NO_LAYERS ? FAILED : PASSED);
    assertThat(report.conforms()).isTrue();
    assertThat(report.judgement()).isEqualTo("conforms; optional 4.12 is wrong");
    assertThat(
            all(r ->
                    r.level() == Level.OPTIONAL
                        ? FAILED
                        : r == Requirement.MASKS ? SKIPPED : PASSED)
                .judgement())
        .matches("conforms, 1 required one not judged; optional [0-9.]+(, [0-9.]+)+ are wrong");
    assertThat(
            all(r -> r == Requirement.NO_LAYERS || r == Requirement.MASKS ? FAILED : PASSED)
                .judgement())
        .isEqualTo("does not conform: 3.2; optional 4.12 is wrong");
    assertThat(report.requirements(Level.OPTIONAL, Verdict.FAILED))
        .containsExactly(Requirement.NO_LAYERS);
  }

  @Test
  void requiredOnesThatWereNotJudgedAreCounted() {
    assertThat(all(r -> r == Requirement.MASKS ? SKIPPED : PASSED).judgement())
        .isEqualTo("conforms, 1 required one not judged");
    assertThat(
            all(r -> r == Requirement.MASKS || r == Requirement.LOGITS ? SKIPPED : PASSED)
                .judgement())
        .isEqualTo("conforms, 2 required ones not judged");
    assertThat(all(r -> r == Requirement.NO_LAYERS ? SKIPPED : PASSED).judgement())
        .isEqualTo("conforms");
  }

  @Test
  void remarksNameEachFailureAndEachReasonOnce() {
    assertThat(
            report(
                    result(Requirement.LOGITS, "a", PASSED),
                    result(Requirement.LOGITS, "b", FAILED),
                    result(Requirement.GELU, "x", SKIPPED),
                    result(Requirement.GELU, "y", SKIPPED),
                    result(Requirement.GELU, "z", PASSED))
                .remarks())
        .hasSize(3)
        .startsWith(
            "FAIL 2.1 computes the logits of ViTForImageClassification [required], b: wrong",
            "skip 4.1 computes gelu with erf [required], x, y: unknown")
        .last()
        .asString()
        .startsWith("skip 1.1, 1.2, 1.3,")
        .endsWith(" [required]: no check of them was run");
  }
}
