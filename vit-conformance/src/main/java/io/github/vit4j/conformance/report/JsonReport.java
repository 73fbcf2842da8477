package io.github.vit4j.conformance.report;

import io.github.vit4j.config.Json;
import io.github.vit4j.conformance.CheckResult;
import io.github.vit4j.conformance.Measurement;
import io.github.vit4j.conformance.Outcome;
import io.github.vit4j.conformance.Requirement;
import io.github.vit4j.conformance.Requirement.Level;
import io.github.vit4j.conformance.SubjectReport;
import io.github.vit4j.conformance.SubjectReport.Verdict;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The form that {@link ConformanceReport} describes. */
final class JsonReport {
  private static final int FORM = 1;

  private JsonReport() {}

  static ObjectNode of(ConformanceReport report) {
    ObjectNode root = Json.object();
    root.put("form", FORM);
    root.put("date", report.date().toString());
    ObjectNode environment = root.putObject("environment");
    environment.put("vit4j", report.environment().vit4j());
    environment.put("java", report.environment().java());
    environment.put("os", report.environment().os());
    environment.put("processor", report.environment().processor());
    ObjectNode reference = root.putObject("reference");
    report.reference().forEach(reference::put);
    ArrayNode requirements = root.putArray("requirements");
    for (Requirement requirement : Requirement.values()) {
      ObjectNode node = requirements.addObject();
      node.put("number", requirement.number());
      node.put("key", requirement.key());
      node.put("group", requirement.group().toString());
      node.put("level", Words.level(requirement));
      node.put("sentence", requirement.sentence());
    }
    ArrayNode subjects = root.putArray("subjects");
    report.subjects().forEach(subject -> subjects.add(of(subject)));
    return root;
  }

  private static ObjectNode of(SubjectReport subject) {
    ObjectNode node = Json.object();
    node.put("backend", subject.backend());
    node.put("version", subject.version());
    node.put("device", subject.device());
    node.put("precision", subject.precision());
    node.put("conforms", subject.conforms());
    node.put("judgement", subject.judgement());
    for (Verdict verdict : Verdict.values()) {
      node.put(lowerCase(verdict), subject.count(verdict));
    }
    putNumbers(node.putArray("required_failed"), subject, Verdict.FAILED);
    putNumbers(node.putArray("required_not_judged"), subject, Verdict.SKIPPED);
    ArrayNode requirements = node.putArray("requirements");
    for (Requirement requirement : Requirement.values()) {
      ObjectNode one = requirements.addObject();
      one.put("number", requirement.number());
      one.put("verdict", lowerCase(subject.verdict(requirement)));
      putFinite(
          one,
          "worst_share_of_tolerance",
          subject.worstShareOfTolerance(requirement).orElse(Double.NaN));
      ArrayNode checks = one.putArray("checks");
      subject.of(requirement).forEach(result -> checks.add(of(result)));
    }
    return node;
  }

  private static void putNumbers(ArrayNode array, SubjectReport subject, Verdict verdict) {
    subject.requirements(Level.REQUIRED, verdict).forEach(r -> array.add(r.number()));
  }

  private static ObjectNode of(CheckResult result) {
    ObjectNode node = Json.object();
    node.put("name", result.name());
    node.put("outcome", lowerCase(Words.verdict(result.outcome())));
    switch (result.outcome()) {
      case Outcome.Passed passed -> node.putNull("message");
      case Outcome.Failed failed -> node.put("message", failed.message());
      case Outcome.Skipped skipped -> node.put("message", skipped.reason());
    }
    ArrayNode measurements = node.putArray("measurements");
    for (Measurement measurement : result.outcome().measurements()) {
      ObjectNode one = measurements.addObject();
      one.put("tensor", measurement.tensor());
      putFinite(one, "relative_error", measurement.relativeError());
      putFinite(one, "tolerance", measurement.tolerance());
      putFinite(one, "pytorch_loss", measurement.pytorchLoss());
      one.put("agrees", measurement.agrees());
    }
    return node;
  }

  private static void putFinite(ObjectNode node, String name, double value) {
    if (Double.isFinite(value)) {
      node.put(name, value);
    } else {
      node.putNull(name);
    }
  }

  private static String lowerCase(Verdict verdict) {
    return verdict.name().toLowerCase(Locale.ROOT);
  }
}
