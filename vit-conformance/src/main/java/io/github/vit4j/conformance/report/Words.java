package io.github.vit4j.conformance.report;

import io.github.vit4j.conformance.CheckResult;
import io.github.vit4j.conformance.Outcome;
import io.github.vit4j.conformance.Requirement;
import io.github.vit4j.conformance.SubjectReport;
import io.github.vit4j.conformance.SubjectReport.Verdict;
import io.github.vit4j.error.OneLine;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** How the reports word things. */
final class Words {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private Words() {}

  /** To the minute. */
  static String date(Instant instant) {
    return DATE.format(instant);
  }

  /** {@code ok}, {@code FAIL} or {@code skip}. */
  static String of(Verdict verdict) {
    return switch (verdict) {
      case PASSED -> "ok";
      case FAILED -> "FAIL";
      case SKIPPED -> "skip";
    };
  }

  /** {@code ok}, {@code FAIL} or {@code skip}. */
  static Verdict verdict(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Passed passed -> Verdict.PASSED;
      case Outcome.Failed failed -> Verdict.FAILED;
      case Outcome.Skipped skipped -> Verdict.SKIPPED;
    };
  }

  /** {@code required} or {@code optional}. */
  static String level(Requirement requirement) {
    return requirement.level().name().toLowerCase(Locale.ROOT);
  }

  /** An error, tolerance or loss, for example {@code 1.2e-07}. */
  static String number(double value) {
    return value == 0
        ? "0"
        : Double.isFinite(value) ? String.format(Locale.ROOT, "%.1e", value) : "not finite";
  }

  /** A part of the tolerance: {@code 42%}, or where that is much, {@code 31x}. */
  static String share(double share) {
    if (!Double.isFinite(share)) {
      return "not finite";
    }
    if (share > 10) {
      return String.format(Locale.ROOT, share < 1000 ? "%.0fx" : "%.0ex", share);
    }
    // Rounding must not make an error that is too large look as if it were not.
    long percent = share > 1 ? Math.max(101, Math.round(share * 100)) : Math.round(share * 100);
    return share == 0 ? "0%" : percent == 0 ? "<1%" : percent + "%";
  }

  /** Whether a requirement passed although some of its checks were skipped. */
  static boolean passedInPart(SubjectReport subject, Requirement requirement) {
    List<CheckResult> results = subject.of(requirement);
    return subject.verdict(requirement) == Verdict.PASSED
        && results.stream().anyMatch(r -> r.outcome() instanceof Outcome.Skipped);
  }

  /**
   * The worst error as a part of its tolerance, or nothing where a requirement failed for another
   * reason than that.
   */
  static String worst(SubjectReport subject, Requirement requirement) {
    OptionalDouble worst = subject.worstShareOfTolerance(requirement);
    boolean failed = subject.verdict(requirement) == Verdict.FAILED;
    return worst.isEmpty() || (failed && worst.getAsDouble() <= 1)
        ? ""
        : share(worst.getAsDouble());
  }

  /** What a backend says must neither control a terminal nor flood a page. */
  static String oneLine(String text) {
    return OneLine.of(text);
  }

  /** Without control characters, however long: of text whose parts are short enough. */
  static String wholeLine(String text) {
    return OneLine.of(text, Integer.MAX_VALUE);
  }
}
