package io.github.vit4j.conformance.report;

import static j2html.TagCreator.a;
import static j2html.TagCreator.body;
import static j2html.TagCreator.dd;
import static j2html.TagCreator.div;
import static j2html.TagCreator.dl;
import static j2html.TagCreator.document;
import static j2html.TagCreator.dt;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.head;
import static j2html.TagCreator.header;
import static j2html.TagCreator.html;
import static j2html.TagCreator.li;
import static j2html.TagCreator.main;
import static j2html.TagCreator.meta;
import static j2html.TagCreator.p;
import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.section;
import static j2html.TagCreator.span;
import static j2html.TagCreator.style;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.title;
import static j2html.TagCreator.tr;
import static j2html.TagCreator.ul;

import io.github.vit4j.conformance.Requirement;
import io.github.vit4j.conformance.Requirement.Level;
import io.github.vit4j.conformance.SubjectReport;
import io.github.vit4j.conformance.SubjectReport.Verdict;
import j2html.tags.DomContent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One page; j2html escapes every text and attribute. */
final class HtmlReport {
  private static final String STYLE_SHEET = "conformance.css";

  private final ConformanceReport report;
  private final List<Requirement> requirements;

  private HtmlReport(ConformanceReport report) {
    this.report = report;
    this.requirements = report.checkedRequirements();
  }

  static String of(ConformanceReport report) {
    return new HtmlReport(report).page() + "\n";
  }

  private String page() {
    return document(
        html(
                head(
                    meta().withCharset("utf-8"),
                    meta().withName("viewport").withContent("width=device-width, initial-scale=1"),
                    meta().withName("color-scheme").withContent("light dark"),
                    title("ViT4J conformance"),
                    style().with(rawHtml(styleSheet()))),
                body(
                    main(
                        heading(),
                        section(div(each(report.subjects(), this::card)).withClass("cards")),
                        requirements.isEmpty()
                            ? p("No check was run, so nothing is known.").withClass("nothing")
                            : each(matrix(), remarks(), pictures(), HtmlChecks.of(report)))))
            .withLang("en"));
  }

  private static String styleSheet() {
    try (InputStream in = HtmlReport.class.getResourceAsStream(STYLE_SHEET)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks " + STYLE_SHEET);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private DomContent heading() {
    List<DomContent> facts = new ArrayList<>();
    fact(facts, "Date", Words.date(report.date()));
    for (Map.Entry<String, String> entry : report.reference().entrySet()) {
      fact(facts, "Expected by " + entry.getKey(), entry.getValue());
    }
    fact(facts, "Judged by", report.environment().vit4j());
    fact(facts, "Java", report.environment().java());
    fact(facts, "System", report.environment().os());
    fact(facts, "Processor", report.environment().processor());
    return header(
        h1("Conformance to HuggingFace transformers"),
        p(
            "Each backend computes what HuggingFace's Vision Transformers compute. It conforms if"
                + " no REQUIRED requirement fails; what could not be judged is skipped by name and"
                + " never counts as passed."),
        dl(each(facts, fact -> fact)).withClass("facts"));
  }

  private static void fact(List<DomContent> facts, String name, String value) {
    facts.add(div(dt(Words.oneLine(name)), dd(Words.oneLine(value))));
  }

  private DomContent card(SubjectReport subject) {
    Verdict verdict = overall(subject);
    return div(
            h2(Words.oneLine(subject.backend())),
            p(Words.oneLine("%s, %s".formatted(subject.device(), subject.precision())))
                .withClass("where"),
            p(Words.oneLine(subject.version())).withClass("version"),
            p(span(HtmlWords.symbol(verdict)).withClass("symbol"), text(" " + subject.judgement()))
                .withClass("judgement"),
            bar(subject),
            p(each(List.of(Verdict.values()), v -> count(subject, v))).withClass("counts"))
        .withClasses("card", HtmlWords.styleOf(verdict));
  }

  private static DomContent count(SubjectReport subject, Verdict verdict) {
    return span(subject.count(verdict) + " " + verdict.name().toLowerCase(Locale.ROOT))
        .withClass(HtmlWords.styleOf(verdict));
  }

  private static DomContent bar(SubjectReport subject) {
    return div(each(
            List.of(Verdict.values()),
            v -> div().withClass(HtmlWords.styleOf(v)).withStyle("flex-grow:" + subject.count(v))))
        .withClass("bar")
        .attr("aria-hidden", "true");
  }

  private static Verdict overall(SubjectReport subject) {
    if (subject.conforms()) {
      return Verdict.PASSED;
    }
    return subject.requirements(Level.REQUIRED, Verdict.FAILED).isEmpty()
        ? Verdict.SKIPPED
        : Verdict.FAILED;
  }

  private DomContent matrix() {
    return section(
        h2("Requirements against backends"),
        p(
            "✓ ok, ✗ FAIL, – skip. The percentage is the worst error as a part of its tolerance;"
                + " * says that some checks of it were skipped."),
        div(table(
                    thead(
                        tr(
                            th("Requirement").attr("scope", "col"),
                            each(
                                report.subjects(),
                                subject ->
                                    th(
                                            span(Words.oneLine(subject.backend())),
                                            span(Words.oneLine(subject.device())),
                                            span(Words.oneLine(subject.precision())))
                                        .attr("scope", "col")))),
                    tbody(each(rows(), row -> row)))
                .withClass("matrix"))
            .withClass("scroll"));
  }

  private List<DomContent> rows() {
    List<DomContent> rows = new ArrayList<>();
    Requirement.@Nullable Group group = null;
    for (Requirement requirement : requirements) {
      if (requirement.group() != group) {
        group = requirement.group();
        rows.add(
            tr(th(group.number() + " " + group)
                    .attr("colspan", 1 + report.subjects().size())
                    .attr("scope", "colgroup"))
                .withClass("group"));
      }
      rows.add(
          tr(
              th(
                      span(requirement.number()).withClass("number"),
                      text(" " + requirement.sentence() + " "),
                      HtmlWords.level(requirement))
                  .attr("scope", "row"),
              each(report.subjects(), subject -> cell(subject, requirement))));
    }
    return rows;
  }

  private static DomContent cell(SubjectReport subject, Requirement requirement) {
    Verdict verdict = subject.verdict(requirement);
    String worst = Words.worst(subject, requirement);
    return td(a(
                span(HtmlWords.symbol(verdict)
                        + " "
                        + Words.of(verdict)
                        + (Words.passedInPart(subject, requirement) ? "*" : ""))
                    .withClass("word"),
                worst.isEmpty() ? text("") : span(worst).withClass("share"))
            .withHref(HtmlWords.anchor(requirement)))
        .withClass(HtmlWords.styleOf(verdict));
  }

  private DomContent remarks() {
    List<SubjectReport> some =
        report.subjects().stream().filter(subject -> !subject.remarks().isEmpty()).toList();
    return section(
        h2("What did not pass"),
        some.isEmpty() ? p("Everything passed.") : text(""),
        each(
            some,
            subject ->
                div(
                    h3(Words.oneLine(subject.subject())),
                    ul(each(
                            subject.remarks(),
                            remark ->
                                li(Words.wholeLine(remark))
                                    .withClass(
                                        HtmlWords.styleOf(
                                            remark.startsWith(Words.of(Verdict.FAILED))
                                                ? Verdict.FAILED
                                                : Verdict.SKIPPED))))
                        .withClass("remarks"))));
  }

  private DomContent pictures() {
    List<SubjectReport> measured =
        report.subjects().stream().filter(subject -> !ErrorPicture.isEmpty(subject)).toList();
    if (measured.isEmpty()) {
      return text("");
    }
    return section(
        h2("Errors"),
        p(
            "How far each tensor is from the float64 result, as a share of its largest magnitude;"
                + " smaller is better. What PyTorch itself loses in the same precision decides"
                + " what is tolerated."),
        p(
                span(span().withClass("mark dot"), text("error within its tolerance")),
                span(span().withClass("mark wrong"), text("error beyond its tolerance")),
                span(span().withClass("mark tolerance"), text("tolerance")),
                span(span().withClass("mark loss"), text("PyTorch's own loss")))
            .withClass("legend"),
        each(
            measured,
            subject ->
                div(
                    h3(Words.oneLine(subject.subject())),
                    div(ErrorPicture.of(subject)).withClass("scroll"))));
  }
}
