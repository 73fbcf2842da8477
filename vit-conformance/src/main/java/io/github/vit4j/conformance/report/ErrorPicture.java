package io.github.vit4j.conformance.report;

import static j2html.TagCreator.text;

import io.github.vit4j.conformance.CheckResult;
import io.github.vit4j.conformance.Measurement;
import io.github.vit4j.conformance.Requirement;
import io.github.vit4j.conformance.SubjectReport;
import j2html.TagCreator;
import j2html.tags.ContainerTag;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * The errors of one subject as a picture: relative error from left to right on a logarithmic scale,
 * one band a requirement, in it one line a measurement with its error, its tolerance and PyTorch's
 * loss.
 */
final class ErrorPicture {
  private static final int WIDTH = 1000;
  private static final int LABELS = 230;
  private static final int ZERO = LABELS + 26;
  private static final int LEFT = LABELS + 50;
  private static final int RIGHT = 890;
  private static final int NOT_FINITE = 955;
  private static final int TOP = 28;
  private static final int MIN_BAND = 24;
  private static final int MAX_BAND = 160;
  private static final int PADDING = 5;
  private static final int MAX_STEP = 7;
  private static final double RADIUS = 3;
  private static final int MOST_DECADES = 24;

  private final SubjectReport subject;
  private final List<Band> bands = new ArrayList<>();

  /** Powers of ten at both ends of the scale. */
  private final int first;

  private final int last;
  private final int height;

  private record Entry(CheckResult check, Measurement measurement) {}

  private record Band(Requirement requirement, List<Entry> entries, double top, double height) {
    double y(int entry) {
      double step = (height - 2 * PADDING) / entries.size();
      return top + PADDING + (entry + 0.5) * step;
    }

    /** Half the height of the marks of an entry. */
    double reach() {
      return Math.clamp((height - 2 * PADDING) / entries.size() / 2, 1, 6);
    }
  }

  private ErrorPicture(SubjectReport subject) {
    this.subject = subject;
    double y = TOP;
    for (Requirement requirement : Requirement.values()) {
      List<Entry> entries =
          subject.of(requirement).stream()
              .flatMap(
                  check -> check.outcome().measurements().stream().map(m -> new Entry(check, m)))
              .toList();
      if (!entries.isEmpty()) {
        double height =
            Math.clamp(2 * PADDING + (double) MAX_STEP * entries.size(), MIN_BAND, MAX_BAND);
        bands.add(new Band(requirement, entries, y, height));
        y += height;
      }
    }
    height = (int) Math.ceil(y) + TOP;
    double[] shown =
        bands.stream()
            .flatMap(band -> band.entries().stream())
            .map(Entry::measurement)
            .flatMapToDouble(
                m -> DoubleStream.of(m.relativeError(), m.tolerance(), m.pytorchLoss()))
            .filter(value -> value > 0 && Double.isFinite(value))
            .map(Math::log10)
            .toArray();
    int highest = (int) Math.ceil(DoubleStream.of(shown).max().orElse(0));
    int lowest = (int) Math.floor(DoubleStream.of(shown).min().orElse(-1));
    last = highest;
    first = Math.clamp(lowest, highest - MOST_DECADES, highest - 1);
  }

  /** Whether there is anything to show. */
  static boolean isEmpty(SubjectReport subject) {
    return subject.results().stream().allMatch(r -> r.outcome().measurements().isEmpty());
  }

  static DomContent of(SubjectReport subject) {
    return new ErrorPicture(subject).picture();
  }

  private DomContent picture() {
    List<DomContent> parts = new ArrayList<>();
    parts.add(element("title", List.of(text(Words.oneLine("Errors of " + subject.subject())))));
    for (int i = 0; i < bands.size(); i++) {
      Band band = bands.get(i);
      parts.add(
          element(
              "rect",
              List.of(),
              "class",
              i % 2 == 0 ? "band" : "band other",
              "x",
              0,
              "y",
              band.top(),
              "width",
              WIDTH,
              "height",
              band.height()));
    }
    axis(parts);
    bands.forEach(band -> draw(band, parts));
    return element(
        "svg",
        parts,
        "viewBox",
        "0 0 %d %d".formatted(WIDTH, height),
        // Not img, which would hide the links and every measurement from screen readers.
        "role",
        "group",
        "aria-label",
        Words.oneLine("Errors of " + subject.subject()),
        "class",
        "errors");
  }

  private void axis(List<DomContent> parts) {
    int every = last - first > 12 ? 2 : 1;
    int bottom = height - TOP;
    for (int decade = first; decade <= last; decade++) {
      double x = x(Math.pow(10, decade));
      parts.add(line("grid", x, TOP, x, bottom));
      if ((decade - first) % every == 0) {
        parts.add(label("tick", x, TOP - 10, power(decade)));
        parts.add(label("tick", x, bottom + 18, power(decade)));
      }
    }
    parts.add(line("grid", ZERO, TOP, ZERO, bottom));
    parts.add(line("grid", NOT_FINITE, TOP, NOT_FINITE, bottom));
    for (int y : new int[] {TOP - 10, bottom + 18}) {
      parts.add(label("tick", ZERO, y, "0"));
      parts.add(label("tick", NOT_FINITE, y, "not finite"));
      parts.add(label("tick name", 12, y, "relative error"));
    }
  }

  private void draw(Band band, List<DomContent> parts) {
    Requirement requirement = band.requirement();
    parts.add(
        element(
            "a",
            List.of(
                element(
                    "text",
                    List.of(
                        element("tspan", List.of(text(requirement.number())), "class", "number"),
                        text(" " + requirement.key())),
                    "x",
                    12,
                    "y",
                    band.top() + Math.min(band.height() / 2, 20) + 4,
                    "class",
                    "label"),
                element("title", List.of(text(requirement.title())))),
            "href",
            "#r-" + requirement.number()));
    // One path for all marks of a kind: there may be thousands.
    StringBuilder spans = new StringBuilder();
    StringBuilder tolerances = new StringBuilder();
    StringBuilder losses = new StringBuilder();
    List<DomContent> dots = new ArrayList<>();
    for (int i = 0; i < band.entries().size(); i++) {
      Entry entry = band.entries().get(i);
      double y = band.y(i);
      spans.append(
          "M%s %sH%s"
              .formatted(
                  round(x(entry.measurement().pytorchLoss())),
                  round(y),
                  round(x(entry.measurement().tolerance()))));
      mark(tolerances, x(entry.measurement().tolerance()), y, band.reach());
      mark(losses, x(entry.measurement().pytorchLoss()), y, band.reach());
      dots.add(dot(entry, y));
    }
    parts.add(element("path", List.of(), "class", "span", "d", spans));
    parts.add(element("path", List.of(), "class", "loss", "d", losses));
    parts.add(element("path", List.of(), "class", "tolerance", "d", tolerances));
    parts.addAll(dots);
  }

  private static void mark(StringBuilder path, double x, double y, double reach) {
    path.append("M%s %sv%s".formatted(round(x), round(y - reach), round(2 * reach)));
  }

  private DomContent dot(Entry entry, double y) {
    Measurement m = entry.measurement();
    double x = x(m.relativeError());
    DomContent title =
        element(
            "title",
            List.of(
                text(
                    Words.oneLine(
                            "%s %s, %s: %s"
                                .formatted(
                                    entry.check().requirement().number(),
                                    entry.check().requirement().key(),
                                    entry.check().name(),
                                    m.tensor()))
                        + "\nrelative error %s, %s of the tolerance %s\nPyTorch's own loss %s"
                            .formatted(
                                Words.number(m.relativeError()),
                                Words.share(m.shareOfTolerance()),
                                Words.number(m.tolerance()),
                                Words.number(m.pytorchLoss())))));
    if (m.agrees()) {
      return element("circle", List.of(title), "class", "dot", "cx", x, "cy", y, "r", RADIUS);
    }
    double r = RADIUS + 2;
    return element(
        "path",
        List.of(title),
        "class",
        "dot wrong",
        "d",
        "M%1$s %2$sl%3$s %3$sl-%3$s %3$sl-%3$s -%3$sz".formatted(round(x), round(y - r), round(r)));
  }

  /** Where a relative error is. */
  private double x(double value) {
    if (value == 0) {
      return ZERO;
    }
    if (!Double.isFinite(value)) {
      return NOT_FINITE;
    }
    double x = LEFT + (Math.log10(value) - first) / (last - first) * (RIGHT - LEFT);
    return Math.clamp(x, LEFT, RIGHT);
  }

  private static DomContent line(String style, double x1, double y1, double x2, double y2) {
    return element("line", List.of(), "class", style, "x1", x1, "y1", y1, "x2", x2, "y2", y2);
  }

  private static DomContent label(String style, double x, double y, String words) {
    return element("text", List.of(text(words)), "class", style, "x", x, "y", y);
  }

  private static String power(int exponent) {
    StringBuilder text = new StringBuilder("10");
    for (char c : Integer.toString(exponent).toCharArray()) {
      text.append(c == '-' ? '⁻' : "⁰¹²³⁴⁵⁶⁷⁸⁹".charAt(c - '0'));
    }
    return text.toString();
  }

  private static String round(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  /** An element of SVG, for which j2html has no methods; attributes are names and values. */
  private static DomContent element(String name, List<DomContent> children, Object... attributes) {
    ContainerTag<?> tag = TagCreator.tag(name);
    for (int i = 0; i < attributes.length; i += 2) {
      Object value = attributes[i + 1];
      tag.attr(
          attributes[i].toString(),
          value instanceof Double number ? round(number) : value.toString());
    }
    tag.with(children);
    return tag;
  }
}
