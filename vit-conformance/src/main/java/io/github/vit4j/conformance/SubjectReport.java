package io.github.vit4j.conformance;

import io.github.vit4j.conformance.Requirement.Level;
import io.github.vit4j.error.OneLine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/**
 * Everything that is known of one backend on one device in one precision.
 *
 * @param backend the provider's name
 * @param version of its engine
 * @param device the device's name
 * @param precision torch's name of the arithmetic
 * @param results in the order of the requirements
 */
public record SubjectReport(
    String backend, String version, String device, String precision, List<CheckResult> results) {
  /** Copies the list. */
  public SubjectReport {
    results = List.copyOf(results);
  }

  /**
   * {@return what was found out about a subject}
   *
   * @param subject what was judged
   * @param results in the order of the requirements
   */
  public static SubjectReport of(Subject subject, List<CheckResult> results) {
    return new SubjectReport(
        subject.provider().name(),
        subject.version(),
        subject.device(),
        subject.precision().toString(),
        results);
  }

  /** Of a requirement as a whole. */
  public enum Verdict {
    /** Every check passed, or all that could be judged did. */
    PASSED,
    /** At least one check failed. */
    FAILED,
    /** No check could be judged. */
    SKIPPED
  }

  /**
   * {@return the results of the checks of one requirement; empty if none was run}
   *
   * @param requirement which one
   */
  public List<CheckResult> of(Requirement requirement) {
    return results.stream().filter(result -> result.requirement() == requirement).toList();
  }

  /**
   * {@return what a requirement's checks say together; skipped if it has none}
   *
   * @param requirement which one
   */
  public Verdict verdict(Requirement requirement) {
    boolean passed = false;
    for (CheckResult result : of(requirement)) {
      switch (result.outcome()) {
        case Outcome.Failed failed -> {
          return Verdict.FAILED;
        }
        case Outcome.Passed success -> passed = true;
        case Outcome.Skipped skipped -> {}
      }
    }
    return passed ? Verdict.PASSED : Verdict.SKIPPED;
  }

  /**
   * {@return the requirements of that level with that verdict, in their order}
   *
   * @param level REQUIRED or OPTIONAL
   * @param verdict what their checks say together
   */
  public List<Requirement> requirements(Level level, Verdict verdict) {
    return Arrays.stream(Requirement.values())
        .filter(r -> r.level() == level && verdict(r) == verdict)
        .toList();
  }

  /**
   * {@return how many requirements, REQUIRED and OPTIONAL, have that verdict}
   *
   * @param verdict what their checks say together
   */
  public int count(Verdict verdict) {
    return Arrays.stream(Level.values())
        .mapToInt(level -> requirements(level, verdict).size())
        .sum();
  }

  /**
   * {@return the worst error of a requirement's checks as a share of its tolerance; empty where
   * nothing was measured}
   *
   * @param requirement which one
   */
  public OptionalDouble worstShareOfTolerance(Requirement requirement) {
    return of(requirement).stream()
        .flatMap(result -> result.outcome().measurements().stream())
        .mapToDouble(Measurement::shareOfTolerance)
        .max();
  }

  /** {@return whether no check could be judged, so that nothing is known} */
  public boolean nothingJudged() {
    return results.stream().allMatch(result -> result.outcome() instanceof Outcome.Skipped);
  }

  /**
   * {@return whether no REQUIRED requirement failed and at least one passed} Those that could not
   * be judged do not stand against it; {@link #judgement} counts them.
   */
  public boolean conforms() {
    return requirements(Level.REQUIRED, Verdict.FAILED).isEmpty()
        && !requirements(Level.REQUIRED, Verdict.PASSED).isEmpty();
  }

  /**
   * {@return the whole in a few words: {@code conforms}, {@code conforms, 2 required ones not
   * judged}, {@code does not conform: 2.1, 3.2}, or {@code nothing was judged}; what OPTIONAL
   * requirements failed is told behind it: {@code conforms; optional 4.3 is wrong}}
   */
  public String judgement() {
    List<Requirement> wrong = requirements(Level.OPTIONAL, Verdict.FAILED);
    return requiredOnes()
        + switch (wrong.size()) {
          case 0 -> "";
          case 1 -> "; optional %s is wrong".formatted(numbers(wrong));
          default -> "; optional %s are wrong".formatted(numbers(wrong));
        };
  }

  private String requiredOnes() {
    List<Requirement> failed = requirements(Level.REQUIRED, Verdict.FAILED);
    if (!failed.isEmpty()) {
      return "does not conform: " + numbers(failed);
    }
    if (nothingJudged()) {
      return "nothing was judged";
    }
    int skipped = requirements(Level.REQUIRED, Verdict.SKIPPED).size();
    if (!conforms()) {
      return "no required one was judged";
    }
    return switch (skipped) {
      case 0 -> "conforms";
      case 1 -> "conforms, 1 required one not judged";
      default -> "conforms, %d required ones not judged".formatted(skipped);
    };
  }

  /**
   * {@return one line for every failed check and for every reason why checks were skipped, in the
   * order of the requirements, then one that names the REQUIRED requirements without any check} For
   * example {@code FAIL 2.1 computes the logits of ViTForImageClassification [required], patch_14:
   * MESSAGE}.
   */
  public List<String> remarks() {
    List<String> lines = new ArrayList<>();
    for (Requirement requirement : Requirement.values()) {
      Map<String, List<String>> skipped = new LinkedHashMap<>();
      for (CheckResult result : of(requirement)) {
        switch (result.outcome()) {
          case Outcome.Passed passed -> {}
          case Outcome.Failed failed ->
              lines.add(
                  "FAIL %s, %s: %s"
                      .formatted(requirement.title(), result.name(), OneLine.of(failed.message())));
          case Outcome.Skipped skip ->
              skipped.computeIfAbsent(skip.reason(), _ -> new ArrayList<>()).add(result.name());
        }
      }
      skipped.forEach(
          (reason, names) ->
              lines.add(
                  "skip %s, %s: %s"
                      .formatted(
                          requirement.title(), String.join(", ", names), OneLine.of(reason))));
    }
    List<Requirement> without =
        Arrays.stream(Requirement.values())
            .filter(r -> r.level() == Level.REQUIRED && of(r).isEmpty())
            .toList();
    if (!without.isEmpty() && !results.isEmpty()) {
      lines.add("skip %s [required]: no check of them was run".formatted(numbers(without)));
    }
    return List.copyOf(lines);
  }

  private static String numbers(List<Requirement> requirements) {
    return requirements.stream().map(Requirement::number).collect(Collectors.joining(", "));
  }

  /** {@return backend, device and precision, for example {@code onnx on cpu, float32}} */
  public String subject() {
    return "%s on %s, %s".formatted(backend, device, precision);
  }
}
