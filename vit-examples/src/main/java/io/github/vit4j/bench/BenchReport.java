package io.github.vit4j.bench;

import io.github.vit4j.bench.Measurement.Section;
import io.github.vit4j.config.Json;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.SequencedSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A benchmark's result as tables for a terminal or in Markdown, or as JSON. */
public final class BenchReport {
  private BenchReport() {}

  /**
   * A heading and rows of as many columns each, the first row naming them.
   *
   * @param title of the table
   * @param rows at least one
   */
  public record Part(String title, List<List<String>> rows) {
    /** Copies. */
    public Part {
      rows = List.copyOf(rows);
    }
  }

  /** All tables. */
  public static List<Part> parts(BenchResult result) {
    List<Part> parts = new ArrayList<>();
    for (Section section : Section.values()) {
      List<Measurement> measurements =
          result.measurements().stream().filter(m -> m.section() == section).toList();
      if (!measurements.isEmpty()) {
        parts.add(new Part(section.title(), rows(measurements)));
      }
    }
    if (!result.targets().isEmpty()) {
      List<List<String>> rows = new ArrayList<>();
      rows.add(List.of("target", "ratio", "at most", ""));
      for (Target target : result.targets()) {
        rows.add(
            List.of(
                target.what(),
                number(target.figure(), 3),
                number(target.most(), 3),
                target.isMet() ? "MET" : "MISSED"));
      }
      parts.add(new Part("Targets", rows));
    }
    return parts;
  }

  private static List<List<String>> rows(List<Measurement> measurements) {
    SequencedSet<String> what = new LinkedHashSet<>();
    SequencedSet<String> more = new LinkedHashSet<>();
    for (Measurement measurement : measurements) {
      what.addAll(measurement.what().keySet());
      more.addAll(measurement.more().keySet());
    }
    boolean compared = measurements.stream().anyMatch(m -> m.ratio() != null);
    List<List<String>> rows = new ArrayList<>();
    List<String> heading = new ArrayList<>(what);
    heading.addAll(List.of("median ms", "10 to 90 %"));
    if (compared) {
      heading.addAll(List.of("ratio", "10 to 90 %"));
    }
    heading.addAll(more);
    rows.add(heading);
    for (Measurement measurement : measurements) {
      List<String> row = new ArrayList<>();
      what.forEach(name -> row.add(measurement.what().getOrDefault(name, "")));
      addSamples(row, measurement.seconds(), 1e3, 1);
      if (compared) {
        addSamples(row, measurement.ratio(), 1, 3);
      }
      for (String name : more) {
        Double value = measurement.more().get(name);
        row.add(value == null ? "" : number(value, 1));
      }
      rows.add(row);
    }
    return rows;
  }

  private static void addSamples(
      List<String> row, @Nullable Samples samples, double unit, int digits) {
    if (samples == null) {
      row.addAll(List.of("", ""));
    } else {
      row.add(number(unit * samples.median(), digits));
      row.add(
          number(unit * samples.quantile(0.1), digits)
              + " to "
              + number(unit * samples.quantile(0.9), digits));
    }
  }

  private static String number(double value, int digits) {
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  /** A document with all tables, the machine and the notes. */
  public static String markdown(BenchResult result) {
    StringBuilder out = new StringBuilder();
    for (Part part : parts(result)) {
      out.append("### ").append(part.title()).append("\n\n");
      for (int i = 0; i < part.rows().size(); i++) {
        appendRow(out, part.rows().get(i), text -> text.replace("|", "\\|"));
        if (i == 0) {
          appendRow(out, part.rows().getFirst(), text -> "---");
        }
      }
      out.append('\n');
    }
    result.machine().forEach((name, value) -> out.append("- %s: %s%n".formatted(name, value)));
    result.notes().forEach(note -> out.append("- ").append(note).append('\n'));
    return out.toString();
  }

  private static void appendRow(
      StringBuilder out, List<String> row, Function<String, String> cell) {
    row.forEach(text -> out.append("| ").append(cell.apply(text)).append(' '));
    out.append("|\n");
  }

  /** Everything, every turn's values included. */
  public static ObjectNode json(BenchResult result) {
    ObjectNode root = Json.object();
    ObjectNode machine = root.putObject("machine");
    result.machine().forEach(machine::put);
    ArrayNode measurements = root.putArray("measurements");
    for (Measurement measurement : result.measurements()) {
      ObjectNode node = measurements.addObject();
      node.put("section", measurement.section().name().toLowerCase(Locale.ROOT));
      node.put("ours", measurement.isOurs());
      measurement.what().forEach(node::put);
      put(node.putObject("seconds"), measurement.seconds());
      Samples ratio = measurement.ratio();
      if (ratio != null) {
        put(node.putObject("ratio"), ratio);
      }
      measurement.more().forEach(node::put);
    }
    ArrayNode targets = root.putArray("targets");
    for (Target target : result.targets()) {
      targets
          .addObject()
          .put("what", target.what())
          .put("ratio", target.figure())
          .put("at_most", target.most())
          .put("met", target.isMet());
    }
    ArrayNode notes = root.putArray("notes");
    result.notes().forEach(notes::add);
    return root;
  }

  private static void put(ObjectNode node, Samples samples) {
    node.put("median", samples.median());
    node.put("p10", samples.quantile(0.1));
    node.put("p90", samples.quantile(0.9));
    ArrayNode turns = node.putArray("turns");
    for (double value : samples.values()) {
      turns.add(value);
    }
  }
}
