package io.github.vit4j.conformance;

import java.util.List;

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

  /** Of a requirement as a whole. */
  public enum Verdict {
    /** Every check passed, or all that could be judged did. */
    PASSED,
    /** At least one check failed. */
    FAILED,
    /** No check could be judged. */
    SKIPPED
  }

  /** The checks of one requirement. */
  public List<CheckResult> of(Requirement requirement) {
    return results.stream().filter(result -> result.requirement() == requirement).toList();
  }

  /** What its checks say together; skipped if it has none. */
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

  /** Whether no REQUIRED requirement failed. */
  public boolean conforms() {
    return results.stream()
        .noneMatch(
            result ->
                result.requirement().level() == Requirement.Level.REQUIRED
                    && result.outcome() instanceof Outcome.Failed);
  }
}
