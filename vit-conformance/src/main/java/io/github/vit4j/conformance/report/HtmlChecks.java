package io.github.vit4j.conformance.report;

import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.section;
import static j2html.TagCreator.span;
import static j2html.TagCreator.summary;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;

import io.github.vit4j.conformance.CheckResult;
import io.github.vit4j.conformance.Measurement;
import io.github.vit4j.conformance.Outcome;
import io.github.vit4j.conformance.Requirement;
import io.github.vit4j.conformance.SubjectReport;
import io.github.vit4j.conformance.SubjectReport.Verdict;
import j2html.TagCreator;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;

/** The part of the page that has every check of every requirement. */
final class HtmlChecks {
  private HtmlChecks() {}

  static DomContent of(ConformanceReport report) {
    return section(
        h2("Every check"),
        each(report.checkedRequirements(), requirement -> of(report, requirement)));
  }

  private static DomContent of(ConformanceReport report, Requirement requirement) {
    boolean failed =
        report.subjects().stream().anyMatch(s -> s.verdict(requirement) == Verdict.FAILED);
    return TagCreator.details()
        .with(
            summary(
                // First, because it floats.
                span(each(report.subjects(), subject -> chip(subject, requirement)))
                    .withClass("chips"),
                span(requirement.number()).withClass("number"),
                text(" " + requirement.sentence() + " "),
                HtmlWords.level(requirement)),
            div(table(
                        thead(
                            tr(
                                each(
                                    List.of(
                                        "Backend",
                                        "Check",
                                        "Outcome",
                                        "Tensor",
                                        "Error",
                                        "Tolerance",
                                        "Part of it",
                                        "PyTorch's loss"),
                                    name -> th(name).attr("scope", "col")))),
                        tbody(
                            each(
                                report.subjects(),
                                subject ->
                                    each(
                                        subject.of(requirement),
                                        result -> check(subject, result)))))
                    .withClass("checks"))
                .withClass("scroll"))
        .withId(HtmlWords.anchor(requirement).substring(1))
        .withCondOpen(failed);
  }

  private static DomContent chip(SubjectReport subject, Requirement requirement) {
    Verdict verdict = subject.verdict(requirement);
    return span(HtmlWords.symbol(verdict))
        .withClasses("chip", HtmlWords.styleOf(verdict))
        .withTitle(Words.oneLine(subject.subject() + ": " + Words.of(verdict)));
  }

  private static DomContent check(SubjectReport subject, CheckResult result) {
    Verdict verdict = Words.verdict(result.outcome());
    List<Measurement> measurements = result.outcome().measurements();
    String message =
        switch (result.outcome()) {
          case Outcome.Passed passed -> "";
          case Outcome.Failed failed -> failed.message();
          case Outcome.Skipped skipped -> skipped.reason();
        };
    List<DomContent> rows = new ArrayList<>();
    DomContent first =
        each(
            td(Words.oneLine(subject.subject())),
            td(Words.oneLine(result.name())),
            td(HtmlWords.symbol(verdict) + " " + Words.of(verdict)).withClass("outcome"));
    if (!message.isEmpty() || measurements.isEmpty()) {
      rows.add(
          tr(first, td(Words.oneLine(message)).attr("colspan", 5).withClass("message"))
              .withClass(HtmlWords.styleOf(verdict)));
      first = again();
    }
    for (Measurement measurement : measurements) {
      rows.add(
          tr(
                  first,
                  td(Words.oneLine(measurement.tensor())),
                  td(Words.number(measurement.relativeError())).withClass("figure"),
                  td(Words.number(measurement.tolerance())).withClass("figure"),
                  td((measurement.agrees() ? "" : "✗ ")
                          + Words.share(measurement.shareOfTolerance()))
                      .withClass("figure"),
                  td(Words.number(measurement.pytorchLoss())).withClass("figure"))
              .withClass(
                  HtmlWords.styleOf(measurement.agrees() ? Verdict.PASSED : Verdict.FAILED)));
      first = again();
    }
    return each(rows, row -> row);
  }

  /** In place of what the row above says already. */
  private static DomContent again() {
    return td().attr("colspan", 3);
  }
}
