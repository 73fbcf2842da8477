package io.github.vit4j.conformance.report;

import io.github.vit4j.config.Json;
import io.github.vit4j.conformance.Requirement;
import io.github.vit4j.conformance.SubjectReport;
import io.github.vit4j.weights.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What was found out about several subjects, to print and to keep.
 *
 * <p>{@link #toJson} has a stable form; fields may be added to it, none change their meaning:
 *
 * <pre>{@code
 * {
 *   "form": 1,
 *   "date": "2026-11-23T15:00:00Z",
 *   "environment": {"vit4j": "...", "java": "...", "os": "...", "processor": "..."},
 *   "reference": {"transformers": "...", ...},
 *   "requirements": [{"number": "2.1", "key": "logits", "group": "Outputs",
 *       "level": "required" | "optional", "sentence": "..."}, ...],
 *   "subjects": [{
 *     "backend": "onnx", "version": "...", "device": "cpu", "precision": "float32",
 *     "conforms": true | false,            no required one failed, and at least one passed
 *     "judgement": "...",                  the same for people
 *     "passed": 48, "failed": 0, "skipped": 3,     requirements
 *     "required_failed": ["2.1", ...], "required_not_judged": ["5.7", ...],
 *     "requirements": [{
 *       "number": "2.1", "verdict": "passed" | "failed" | "skipped",
 *       "worst_share_of_tolerance": 0.4,   null where nothing finite was measured
 *       "checks": [{
 *         "name": "patch_14", "outcome": "passed" | "failed" | "skipped",
 *         "message": "...",                why it failed or was skipped; null if it passed
 *         "measurements": [{"tensor": "logits", "relative_error": 1e-7,
 *             "tolerance": 1e-6, "pytorch_loss": 2e-7, "agrees": true | false}, ...]
 *       }, ...]
 *     }, ...]
 *   }, ...]
 * }
 * }</pre>
 *
 * <p>Numbers that are not finite are null. Every requirement is listed under every subject; one
 * without checks is skipped.
 *
 * @param subjects what was judged, in the order of the columns
 * @param reference the software that made the expected numbers, by name, and its versions
 * @param environment where the checks were run
 * @param date when
 */
public record ConformanceReport(
    List<SubjectReport> subjects,
    Map<String, String> reference,
    Environment environment,
    Instant date) {
  /** The name of the file with {@link #toJson}. */
  public static final String JSON_FILE = "conformance.json";

  /** The name of the file with {@link #toHtml}. */
  public static final String HTML_FILE = "conformance.html";

  /** Copies list and map, whose order is kept. */
  public ConformanceReport {
    subjects = List.copyOf(subjects);
    reference = Collections.unmodifiableMap(new LinkedHashMap<>(reference));
  }

  /** {@return a table for a terminal, then every failure and every skip on a line of its own} */
  public String toText() {
    return TextReport.of(this);
  }

  /**
   * {@return the form that the class comment describes, indented, without a line break at the end}
   */
  public String toJson() {
    return Json.toPrettyString(JsonReport.of(this));
  }

  /** {@return one page that needs no network and no script} */
  public String toHtml() {
    return HtmlReport.of(this);
  }

  /**
   * Writes {@value #JSON_FILE} and {@value #HTML_FILE}, each whole or not at all.
   *
   * @param directory made if it is missing
   * @throws IOException if that fails
   */
  public void write(Path directory) throws IOException {
    Files.createDirectories(directory);
    write(directory.resolve(JSON_FILE), toJson() + "\n");
    write(directory.resolve(HTML_FILE), toHtml());
  }

  private static void write(Path file, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    AtomicFile.write(
        file,
        channel -> {
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        });
  }

  /** Those that any subject has a check of, in their order. */
  List<Requirement> checkedRequirements() {
    return Arrays.stream(Requirement.values())
        .filter(requirement -> subjects.stream().anyMatch(s -> !s.of(requirement).isEmpty()))
        .toList();
  }
}
