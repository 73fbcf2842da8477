package io.github.vit4j.conformance.report;

import static j2html.TagCreator.span;

import io.github.vit4j.conformance.Requirement;
import io.github.vit4j.conformance.SubjectReport.Verdict;
import j2html.tags.DomContent;
import java.util.Locale;

/** What parts of the page share. */
final class HtmlWords {
  private HtmlWords() {}

  /** {@code REQUIRED} or {@code OPTIONAL}. */
  static DomContent level(Requirement requirement) {
    return span(requirement.level().name()).withClasses("level", Words.level(requirement));
  }

  /** The link to all checks of it. */
  static String anchor(Requirement requirement) {
    return "#r-" + requirement.number();
  }

  /** For those who do not see colours. */
  static String symbol(Verdict verdict) {
    return switch (verdict) {
      case PASSED -> "✓";
      case FAILED -> "✗";
      case SKIPPED -> "–";
    };
  }

  /** A class of the style sheet. */
  static String styleOf(Verdict verdict) {
    return verdict.name().toLowerCase(Locale.ROOT);
  }
}
