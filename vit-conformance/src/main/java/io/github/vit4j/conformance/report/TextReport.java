package io.github.vit4j.conformance.report;

import io.github.vit4j.conformance.Requirement;
import io.github.vit4j.conformance.SubjectReport;
import io.github.vit4j.conformance.SubjectReport.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** For a terminal. */
final class TextReport {
  private static final int INDENT = 2;

  private final ConformanceReport report;
  private final List<List<String>> rows = new ArrayList<>();

  private TextReport(ConformanceReport report) {
    this.report = report;
  }

  static String of(ConformanceReport report) {
    return new TextReport(report).text();
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    line(text, "Conformance to HuggingFace transformers, " + Words.date(report.date()));
    if (!report.reference().isEmpty()) {
      line(
          text,
          report.reference().entrySet().stream()
              .map(entry -> entry.getKey() + " " + entry.getValue())
              .collect(Collectors.joining(", ", "Expected numbers: ", "")));
    }
    line(
        text,
        "Run on: %s; %s; %s; %s"
            .formatted(
                report.environment().vit4j(),
                report.environment().java(),
                report.environment().os(),
                report.environment().processor()));
    if (!report.checkedRequirements().isEmpty()) {
      text.append('\n');
      table(text);
      line(text, "%: worst error as a part of its tolerance; *: some checks of it were skipped");
    }
    for (SubjectReport subject : report.subjects()) {
      text.append('\n');
      line(
          text,
          "%s (%s): %s"
              .formatted(
                  Words.oneLine(subject.subject()),
                  Words.oneLine(subject.version()),
                  subject.judgement()));
      subject.remarks().forEach(remark -> line(text, " ".repeat(INDENT) + remark));
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String line) {
    text.append(Words.wholeLine(line).stripTrailing()).append('\n');
  }

  private void table(StringBuilder text) {
    row("", "", SubjectReport::backend);
    row("", "", SubjectReport::device);
    row("", "", SubjectReport::precision);
    Requirement.@Nullable Group group = null;
    for (Requirement requirement : report.checkedRequirements()) {
      if (requirement.group() != group) {
        group = requirement.group();
        row(group.number() + " " + group, "", subject -> "");
      }
      row(
          "%s%s %s".formatted(" ".repeat(INDENT), requirement.number(), requirement.key()),
          Words.level(requirement),
          subject -> cell(subject, requirement));
    }
    for (Verdict verdict : Verdict.values()) {
      row(
          Words.of(verdict),
          "",
          subject ->
              Long.toString(
                  report.checkedRequirements().stream()
                      .filter(requirement -> subject.verdict(requirement) == verdict)
                      .count()));
    }
    int[] widths = new int[rows.getFirst().size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(row.get(i)).repeat(" ", widths[i] - row.get(i).length() + INDENT);
      }
      line(text, line.toString());
    }
  }

  private void row(String first, String second, Function<SubjectReport, String> cell) {
    List<String> row = new ArrayList<>(List.of(first, second));
    report.subjects().forEach(subject -> row.add(Words.oneLine(cell.apply(subject))));
    rows.add(row);
  }

  private static String cell(SubjectReport subject, Requirement requirement) {
    String word =
        Words.of(subject.verdict(requirement))
            + (Words.passedInPart(subject, requirement) ? "*" : "");
    return (word + " " + Words.worst(subject, requirement)).stripTrailing();
  }
}
