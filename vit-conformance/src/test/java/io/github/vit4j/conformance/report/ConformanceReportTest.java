package io.github.vit4j.conformance.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.config.Json;
import io.github.vit4j.conformance.CheckResult;
import io.github.vit4j.conformance.Measurement;
import io.github.vit4j.conformance.Outcome;
import io.github.vit4j.conformance.Requirement;
import io.github.vit4j.conformance.SubjectReport;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Text, JSON and HTML of reports made by hand. */
class ConformanceReportTest {
  private static final SubjectReport GOOD =
      subject(
          "onnx",
          "float32",
          result(Requirement.NAME, "name", new Outcome.Passed(List.of())),
          result(Requirement.LOGITS, "base", passed("logits", 1e-7, 1e-6, 2e-7)),
          result(Requirement.LOGITS, "patch_14", passed("logits", 4e-7, 1e-6, 2e-7)),
          result(Requirement.NO_LAYERS, "none", new Outcome.Failed("needs a layer", List.of())),
          result(Requirement.FULL_SIZE, "base", new Outcome.Passed(List.of())),
          result(Requirement.FULL_SIZE, "huge", new Outcome.Skipped("needs 8 GiB of memory")));

  private static final SubjectReport BAD =
      subject(
          "abacus",
          "int8",
          result(Requirement.NAME, "name", new Outcome.Passed(List.of())),
          result(Requirement.LOGITS, "base", failed("logits differ", 0.5, 1e-6, 2e-7)),
          result(
              Requirement.LOGITS,
              "patch_14",
              failed("not finite", Double.POSITIVE_INFINITY, 1e-6, 2e-7)),
          result(Requirement.MASKS, "none", failed("a little too much", 1.0000001e-6, 1e-6, 2e-7)),
          result(Requirement.NO_LAYERS, "none", new Outcome.Skipped("it cannot")));

  private static final ConformanceReport REPORT = report(GOOD, BAD);

  private static SubjectReport subject(String backend, String precision, CheckResult... results) {
    return new SubjectReport(backend, "Engine 1.0", "cpu", precision, List.of(results));
  }

  private static CheckResult result(Requirement requirement, String name, Outcome outcome) {
    return new CheckResult(requirement, name, outcome);
  }

  private static Outcome passed(String tensor, double error, double tolerance, double loss) {
    return new Outcome.Passed(List.of(new Measurement(tensor, error, tolerance, loss)));
  }

  private static Outcome failed(String message, double error, double tolerance, double loss) {
    return new Outcome.Failed(message, List.of(new Measurement("logits", error, tolerance, loss)));
  }

  private static ConformanceReport report(SubjectReport... subjects) {
    Map<String, String> reference = new LinkedHashMap<>();
    reference.put("transformers", "5.18.0");
    reference.put("torch", "2.13.0");
    return new ConformanceReport(
        List.of(subjects),
        reference,
        new Environment("ViT4J 1.2.3", "Some VM 25", "Linux 6 amd64", "Abacus <9>, 2 threads"),
        Instant.parse("2026-11-23T15:04:05Z"));
  }

  @Test
  void textIsATableAndWhatDidNotPass() {
    assertThat(REPORT.toText())
        .startsWith(
            """
            Conformance to HuggingFace transformers, 2026-11-23 15:04 UTC
            Expected numbers: transformers 5.18.0, torch 2.13.0
            Run on: ViT4J 1.2.3; Some VM 25; Linux 6 amd64; Abacus <9>, 2 threads

                                              onnx     abacus
                                              cpu      cpu
                                              float32  int8
            1 Discovery and choice
              1.2 name              required  ok       ok
            2 Outputs
              2.1 logits            required  ok 40%   FAIL not finite
            3 Inputs
              3.2 masks             required  skip     FAIL 101%
            4 Configuration
              4.12 no_layers        optional  FAIL     skip
            5 Weights
              5.7 full_size         required  ok*      skip
            ok                                3        1
            FAIL                              1        2
            skip                              1        2
            %: worst error as a part of its tolerance; *: some checks of it were skipped

            onnx on cpu, float32 (Engine 1.0): conforms,""")
        .containsSubsequence(
            "  FAIL 4.12 has no layers [optional], none: needs a layer\n",
            "  skip 5.7 computes models",
            ", huge: needs 8 GiB of memory\n",
            "  skip 1.1, ",
            "abacus on cpu, int8 (Engine 1.0): does not conform: 2.1, 3.2\n",
            "  FAIL 2.1 computes the logits",
            ", base: logits differ\n",
            ", patch_14: not finite\n",
            ", none: a little too much\n",
            "  skip 4.12 has no layers [optional], none: it cannot\n");
  }

  @Test
  void withoutChecksTheTextSaysSo() {
    assertThat(report(subject("onnx", "float32")).toText())
        .endsWith("\n\nonnx on cpu, float32 (Engine 1.0): nothing was judged\n")
        .doesNotContain("conforms");
  }

  @Test
  void textKeepsTheTerminalSafe() {
    String text =
        report(
                new SubjectReport(
                    "x\u001b[2J",
                    "1\n2",
                    "cpu",
                    "float32",
                    List.of(
                        result(
                            Requirement.NAME,
                            "a\rb",
                            new Outcome.Failed("c\u0000\u009bd", List.of())))))
            .toText();
    assertThat(text.lines().flatMapToInt(String::chars)).noneMatch(Character::isISOControl);
    assertThat(text).contains("a b: c d\n", "x [2J on cpu, float32 (1 2): does not conform: 1.2");
  }

  @Test
  void whatABackendSaysIsCutAndKeepsItsDirection() throws Exception {
    SubjectReport subject =
        subject(
            "aba\u202ecus",
            "float32",
            result(Requirement.NAME, "name", new Outcome.Failed("x".repeat(9_000), List.of())),
            result(Requirement.GELU, "gelu", new Outcome.Skipped("y".repeat(9_000))));
    assertThat(report(subject).toText())
        .contains("abacus on cpu", "x".repeat(2_000) + " ...\n", "y".repeat(2_000) + " ...\n")
        .doesNotContain("x".repeat(2_001), "y".repeat(2_001), "\u202e");
    assertThat(report(subject).toHtml())
        .contains("abacus")
        .doesNotContain("x".repeat(2_001), "y".repeat(2_001), "\u202e");
  }

  @Test
  void aFailureForAnotherReasonThanItsErrorsShowsNoShare() throws Exception {
    ConformanceReport report =
        report(
            subject(
                "abacus",
                "float32",
                result(Requirement.LOGITS, "base", passed("logits", 4e-7, 1e-6, 2e-7)),
                result(Requirement.LOGITS, "huge", new Outcome.Failed("broke", List.of()))));
    assertThat(report.toText()).containsPattern("2\\.1 logits +required +FAIL\n");
    assertThat(elements(parse(report.toHtml()), "td", "failed"))
        .extracting(Element::getTextContent)
        .contains("✗ FAIL");
  }

  @Test
  void sharesAreReadable() {
    assertThat(Words.share(0)).isEqualTo("0%");
    assertThat(Words.share(1e-9)).isEqualTo("<1%");
    assertThat(Words.share(0.426)).isEqualTo("43%");
    assertThat(Words.share(1)).isEqualTo("100%");
    assertThat(Words.share(1.000001)).isEqualTo("101%");
    assertThat(Words.share(9.5)).isEqualTo("950%");
    assertThat(Words.share(31.4)).isEqualTo("31x");
    assertThat(Words.share(500_000)).isEqualTo("5e+05x");
    assertThat(Words.share(Double.POSITIVE_INFINITY)).isEqualTo("not finite");
  }

  @Test
  void jsonReadsBack() throws IOException {
    ObjectNode json = Json.readObject(REPORT.toJson().getBytes(StandardCharsets.UTF_8));
    assertThat(json.get("form").intValue()).isEqualTo(1);
    assertThat(json.get("date").stringValue()).isEqualTo("2026-11-23T15:04:05Z");
    assertThat(json.get("reference").get("torch").stringValue()).isEqualTo("2.13.0");
    assertThat(json.get("environment").get("vit4j").stringValue()).isEqualTo("ViT4J 1.2.3");
    assertThat(json.get("environment").get("java").stringValue()).isEqualTo("Some VM 25");
    assertThat(json.get("requirements")).hasSize(Requirement.values().length);

    JsonNode good = json.get("subjects").get(0);
    assertThat(good.get("conforms").booleanValue()).isTrue();
    assertThat(good.get("passed").intValue()).isEqualTo(3);
    assertThat(good.get("failed").intValue()).isEqualTo(1);
    assertThat(good.get("required_failed")).isEmpty();
    JsonNode logits = requirement(good, Requirement.LOGITS);
    assertThat(logits.get("verdict").stringValue()).isEqualTo("passed");
    assertThat(logits.get("worst_share_of_tolerance").doubleValue()).isEqualTo(0.4);
    JsonNode measurement = logits.get("checks").get(1).get("measurements").get(0);
    assertThat(measurement.get("tensor").stringValue()).isEqualTo("logits");
    assertThat(measurement.get("relative_error").doubleValue()).isEqualTo(4e-7);
    assertThat(measurement.get("tolerance").doubleValue()).isEqualTo(1e-6);
    assertThat(measurement.get("pytorch_loss").doubleValue()).isEqualTo(2e-7);
    assertThat(measurement.get("agrees").booleanValue()).isTrue();

    JsonNode bad = json.get("subjects").get(1);
    assertThat(bad.get("conforms").booleanValue()).isFalse();
    assertThat(bad.get("judgement").stringValue()).isEqualTo("does not conform: 2.1, 3.2");
    assertThat(bad.get("required_failed").get(1).stringValue()).isEqualTo("3.2");
    assertThat(bad.get("required_not_judged")).isNotEmpty();
    JsonNode infinite = requirement(bad, Requirement.LOGITS);
    assertThat(infinite.get("worst_share_of_tolerance").isNull()).isTrue();
    assertThat(infinite.get("checks").get(1).get("message").stringValue()).isEqualTo("not finite");
    assertThat(
            infinite.get("checks").get(1).get("measurements").get(0).get("relative_error").isNull())
        .isTrue();
    JsonNode skipped = requirement(bad, Requirement.NO_LAYERS);
    assertThat(skipped.get("verdict").stringValue()).isEqualTo("skipped");
    assertThat(skipped.get("checks").get(0).get("message").stringValue()).isEqualTo("it cannot");
  }

  private static JsonNode requirement(JsonNode subject, Requirement requirement) {
    for (JsonNode one : subject.get("requirements")) {
      if (one.get("number").stringValue().equals(requirement.number())) {
        return one;
      }
    }
    throw new AssertionError("there is no " + requirement);
  }

  /**
   * The page, which apart from the doctype, tags without an end and attributes without a value, is
   * also XML.
   */
  private static Document parse(String html) throws Exception {
    String xml =
        html.replaceFirst("<!DOCTYPE html>", "")
            .replaceAll("(<meta [^>]*)>", "$1/>")
            .replace(" open>", " open=\"\">");
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(xml)));
  }

  private static List<Element> elements(Document page, String tag, String style) {
    NodeList all = page.getElementsByTagName(tag);
    return java.util.stream.IntStream.range(0, all.getLength())
        .mapToObj(i -> (Element) all.item(i))
        .filter(e -> style.isEmpty() || e.getAttribute("class").equals(style))
        .toList();
  }

  @Test
  void htmlHasWordsAndColoursForEveryRequirement() throws Exception {
    Document page = parse(REPORT.toHtml());
    assertThat(elements(page, "td", "failed"))
        .extracting(Element::getTextContent)
        .containsExactly("✗ FAILnot finite", "✗ FAIL101%", "✗ FAIL");
    assertThat(elements(page, "td", "passed"))
        .extracting(Element::getTextContent)
        .containsExactly("✓ ok", "✓ ok", "✓ ok40%", "✓ ok*");
    assertThat(elements(page, "div", "card failed"))
        .singleElement()
        .extracting(Element::getTextContent)
        .asString()
        .contains("abacus", "does not conform: 2.1, 3.2", "1 passed", "2 failed");
    assertThat(elements(page, "span", "level optional"))
        .isNotEmpty()
        .allSatisfy(level -> assertThat(level.getTextContent()).isEqualTo("OPTIONAL"));
    assertThat(elements(page, "details", ""))
        .extracting(e -> e.getAttribute("id") + (e.hasAttribute("open") ? " open" : ""))
        .containsExactly("r-1.2", "r-2.1 open", "r-3.2 open", "r-4.12 open", "r-5.7");
    assertThat(elements(page, "td", "message"))
        .extracting(Element::getTextContent)
        .contains("needs a layer", "needs 8 GiB of memory", "logits differ", "it cannot");
  }

  @Test
  void errorsAreAPictureForEachSubject() throws Exception {
    Document page = parse(REPORT.toHtml());
    assertThat(elements(page, "svg", "errors")).hasSize(2);
    assertThat(elements(page, "svg", "errors"))
        .allSatisfy(svg -> assertThat(svg.getAttribute("role")).isEqualTo("group"))
        .extracting(svg -> svg.getAttribute("aria-label"))
        .containsExactly("Errors of onnx on cpu, float32", "Errors of abacus on cpu, int8");
    assertThat(elements(page, "circle", "dot")).hasSize(2);
    assertThat(elements(page, "path", "dot wrong")).hasSize(3);
    assertThat(elements(page, "path", "tolerance")).hasSize(3);
    assertThat(elements(page, "path", "loss")).hasSize(3);
    Element first = elements(page, "circle", "dot").get(0);
    Element second = elements(page, "circle", "dot").get(1);
    assertThat(first.getTextContent())
        .isEqualTo(
            """
            2.1 logits, base: logits
            relative error 1.0e-07, 10% of the tolerance 1.0e-06
            PyTorch's own loss 2.0e-07""");
    assertThat(Double.parseDouble(first.getAttribute("cx")))
        .isLessThan(Double.parseDouble(second.getAttribute("cx")));
  }

  @Test
  void thePageNeedsNothingElse() {
    assertThat(REPORT.toHtml())
        .startsWith("<!DOCTYPE html>")
        .contains("prefers-color-scheme: dark")
        .doesNotContain("<script", "<link", "src=", "url(", "@import", "http:", "https:");
  }

  @Test
  void whatComesFromBackendsIsEscaped() throws Exception {
    String evil = "\"'><script>alert(1)</script>&amp;\u0000\u001b";
    SubjectReport subject =
        new SubjectReport(
            evil,
            evil,
            evil,
            evil,
            List.of(
                result(
                    Requirement.LOGITS,
                    evil,
                    new Outcome.Failed(evil, List.of(new Measurement(evil, 1, 1e-6, 1e-7)))),
                result(Requirement.MASKS, evil, new Outcome.Skipped(evil)),
                result(
                    Requirement.GELU,
                    evil,
                    new Outcome.Passed(List.of(new Measurement(evil, 0, 0, 0))))));
    ConformanceReport report =
        new ConformanceReport(
            List.of(subject),
            Map.of(evil, evil),
            new Environment(evil, evil, evil, evil),
            Instant.EPOCH);
    assertThat(report.toHtml()).doesNotContain("<script", evil);
    Document page = parse(report.toHtml()); // which a NUL or an open quote would break
    assertThat(elements(page, "script", "")).isEmpty();
    assertThat(elements(page, "td", "message"))
        .extracting(Element::getTextContent)
        .contains("\"'><script>alert(1)</script>&amp;");
    ObjectNode json = Json.readObject(report.toJson().getBytes(StandardCharsets.UTF_8));
    assertThat(json.get("subjects").get(0).get("backend").stringValue()).isEqualTo(evil);
  }

  @Test
  void aReportWithoutChecksOrSubjectsIsAPageToo() throws Exception {
    parse(report().toHtml());
    Document page = parse(report(subject("onnx", "float32")).toHtml());
    assertThat(elements(page, "p", "nothing"))
        .singleElement()
        .extracting(Element::getTextContent)
        .isEqualTo("No check was run, so nothing is known.");
    assertThat(elements(page, "div", "card skipped"))
        .singleElement()
        .extracting(Element::getTextContent)
        .asString()
        .contains("nothing was judged");
  }

  @Test
  void bothFilesAreWrittenAndReplaced(@TempDir Path folder) throws IOException {
    Path directory = folder.resolve("new/reports");
    report(GOOD).write(directory);
    REPORT.write(directory);
    assertThat(directory.resolve("conformance.json")).hasContent(REPORT.toJson() + "\n");
    assertThat(directory.resolve("conformance.html")).hasContent(REPORT.toHtml());
    try (var files = Files.list(directory)) {
      assertThat(files).hasSize(2);
    }
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> REPORT.write(file)).isInstanceOf(FileSystemException.class);
  }

  @Test
  void theEnvironmentIsThisOne() {
    Environment here = Environment.here();
    assertThat(here.vit4j()).startsWith("ViT4J ");
    assertThat(here.java()).contains(Integer.toString(Runtime.version().feature()));
    assertThat(here.os()).contains(System.getProperty("os.arch"));
    assertThat(here.processor()).endsWith(" threads");
  }
}
