package io.github.vit4j.conformance;

import io.github.vit4j.conformance.SubjectReport.Verdict;
import io.github.vit4j.conformance.report.ConformanceReport;
import io.github.vit4j.conformance.report.Environment;
import io.github.vit4j.error.OneLine;
import io.github.vit4j.spi.Availability;
import io.github.vit4j.spi.BackendProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The test class that an author of a backend extends. It judges the backend by every {@link
 * Requirement} on every device in every precision that the backend lists:
 *
 * <pre>{@code
 * package com.example.abacus;
 *
 * import io.github.vit4j.conformance.BackendConformanceKit;
 * import io.github.vit4j.spi.BackendProvider;
 *
 * class AbacusConformanceTest extends BackendConformanceKit {
 *   @Override
 *   protected BackendProvider provider() {
 *     return new AbacusBackend();
 *   }
 * }
 * }</pre>
 *
 * <p>The tests read like sentences: <i>abacus on cpu, float32</i> &gt; <i>2 Outputs</i> &gt; <i>2.1
 * computes the logits of ViTForImageClassification [required]</i> &gt; the case. A check that fails
 * is a failed test, REQUIRED or not. What a backend says that it cannot do, or this machine cannot
 * find out, is a skipped test with its reason, never a passed one; a backend that is not available
 * is one skipped test, unless it says so wrongly: then requirement 1.4 is a failed one. At the end
 * a summary on standard output counts the requirements and names each failed and skipped one.
 *
 * <p>With the system property {@value #REPORT_PROPERTY} set to a directory, which is made if it is
 * missing, {@value ConformanceReport#JSON_FILE} and {@value ConformanceReport#HTML_FILE} are
 * written into it after all tests of a class; a class that runs later replaces them.
 *
 * <p>With the system property {@value QuickRun#PROPERTY} set to {@code true} the requirements that
 * take minutes are skipped. Tests run one after the other, in the order of the requirements, and
 * never beside those of another class, which would spoil what is measured of the process's memory.
 */
@Isolated("measures the memory of the process")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Execution(ExecutionMode.SAME_THREAD)
public abstract class BackendConformanceKit {
  /** The system property that names the directory for the report; without it none is written. */
  public static final String REPORT_PROPERTY = "vit4j.conformance.report";

  private final List<Judged> judged = new ArrayList<>();

  /** Of a backend that cannot be judged on anything because it breaks the contract before. */
  private final List<SubjectReport> broken = new ArrayList<>();

  private record Judged(Subject subject, List<CheckResult> results) {}

  /** For subclasses. */
  protected BackendConformanceKit() {}

  /** {@return the backend to judge} Called once. */
  protected abstract BackendProvider provider();

  /**
   * {@return which of the devices and precisions that the backend lists are judged; all of them
   * unless overridden} Those left out appear nowhere.
   */
  protected Predicate<Subject> subjects() {
    return subject -> true;
  }

  /** For tests of the kit itself. */
  List<Check> checks(Subject subject) {
    return ConformanceSuite.checks(subject);
  }

  /**
   * {@return the tests: one container for each device and precision} A backend that cannot be
   * judged is one test, failed or skipped, in their place.
   */
  @TestFactory
  @DisplayName("conformance")
  public final Stream<DynamicNode> conformance() {
    BackendProvider provider = provider();
    String name;
    try {
      name = provider.name();
    } catch (RuntimeException | LinkageError | AssertionError e) {
      return failed(
          provider.getClass().getName(),
          Requirement.NAME,
          "name() must not throw, but did: " + OneLine.of(e));
    }
    if (name == null) {
      return failed(provider.getClass().getName(), Requirement.NAME, "name() gave null");
    }
    Availability availability;
    try {
      availability = provider.availability();
    } catch (RuntimeException | LinkageError | AssertionError e) {
      return failed(
          name,
          Requirement.AVAILABILITY,
          "availability() must not throw, but did: " + OneLine.of(e));
    }
    if (availability == null) {
      return failed(name, Requirement.AVAILABILITY, "availability() gave null");
    }
    if (availability instanceof Availability.Unavailable unavailable) {
      String reason = unavailable.reason();
      if (reason.isBlank() || reason.chars().anyMatch(Character::isISOControl)) {
        return failed(
            name,
            Requirement.AVAILABILITY,
            "is not available, and must say why in one line, but says '%s'"
                .formatted(OneLine.of(reason)));
      }
      return Stream.of(
          DynamicTest.dynamicTest(
              name + " is not available",
              () -> Assumptions.abort("%s is not available: %s".formatted(name, reason))));
    }
    List<Subject> listed = ConformanceSuite.subjects(provider);
    List<Subject> wanted = listed.stream().filter(subjects()).toList();
    if (wanted.isEmpty()) {
      return Stream.of(
          DynamicTest.dynamicTest(
              provider.name() + " is judged on something",
              () ->
                  Assertions.fail(
                      "subjects() leaves out everything that %s lists: %s"
                          .formatted(
                              provider.name(),
                              listed.stream()
                                  .map(Subject::toString)
                                  .collect(Collectors.joining("; "))))));
    }
    return wanted.stream()
        .map(
            subject ->
                DynamicContainer.dynamicContainer(
                    subject.toString(),
                    // Not made before it is this subject's turn.
                    Stream.of(subject).flatMap(this::groups)));
  }

  private Stream<DynamicNode> failed(String backend, Requirement requirement, String message) {
    Outcome outcome = new Outcome.Failed(message, List.of());
    broken.add(
        new SubjectReport(
            backend,
            "unknown",
            "any device",
            "any precision",
            List.of(new CheckResult(requirement, "asked before all else", outcome))));
    return Stream.of(
        DynamicTest.dynamicTest(
            requirement.title(),
            () -> Assertions.fail("%s: %s: %s".formatted(backend, requirement.title(), message))));
  }

  private Stream<DynamicNode> groups(Subject subject) {
    Judged current = new Judged(subject, new ArrayList<>());
    judged.add(current);
    Map<Requirement, List<Check>> checks = new EnumMap<>(Requirement.class);
    for (Check check : checks(subject)) {
      checks
          .computeIfAbsent(check.requirement(), _ -> new ArrayList<>())
          .add(QuickRun.isAskedFor() ? QuickRun.of(check) : check);
    }
    if (checks.isEmpty()) {
      return Stream.of(
          DynamicTest.dynamicTest(
              "nothing is judged",
              () -> Assumptions.abort("there is no check for %s".formatted(subject))));
    }
    return Stream.of(Requirement.Group.values())
        .map(group -> group.requirements().stream().filter(checks::containsKey).toList())
        .filter(requirements -> !requirements.isEmpty())
        .map(
            requirements -> {
              Requirement.Group group = requirements.getFirst().group();
              return DynamicContainer.dynamicContainer(
                  group.number() + " " + group,
                  requirements.stream()
                      .map(
                          requirement ->
                              DynamicContainer.dynamicContainer(
                                  requirement.title(),
                                  checks.getOrDefault(requirement, List.of()).stream()
                                      .map(check -> test(check, current)))));
            });
  }

  private static DynamicTest test(Check check, Judged current) {
    return DynamicTest.dynamicTest(check.name(), () -> judge(check, current));
  }

  /** The messages are complete: build tools name dynamic tests by numbers only. */
  private static void judge(Check check, Judged current) {
    CheckResult result = check.run();
    current.results().add(result);
    String what =
        "%s: %s, %s".formatted(current.subject(), check.requirement().title(), check.name());
    switch (result.outcome()) {
      case Outcome.Passed passed -> {}
      case Outcome.Failed failed ->
          Assertions.fail(
              Stream.concat(
                      Stream.of(what + ": " + failed.message()),
                      failed.measurements().stream()
                          .filter(measurement -> !measurement.agrees())
                          .map(measurement -> "  " + measurement))
                  .collect(Collectors.joining("\n")));
      case Outcome.Skipped skipped -> Assumptions.abort(what + ": " + skipped.reason());
    }
  }

  /**
   * Prints what was found out, on standard output, and writes the report where {@value
   * #REPORT_PROPERTY} names a directory.
   *
   * @throws IOException if the report cannot be written
   */
  @AfterAll
  public final void summarize() throws IOException {
    List<SubjectReport> reports =
        Stream.concat(
                broken.stream(),
                judged.stream().map(one -> SubjectReport.of(one.subject(), one.results())))
            .toList();
    StringBuilder text = new StringBuilder();
    for (SubjectReport report : reports) {
      text.append(
          "%s (%s): %s%n  requirements: %d passed, %d failed, %d skipped%n"
              .formatted(
                  report.subject(),
                  report.version(),
                  report.judgement(),
                  report.count(Verdict.PASSED),
                  report.count(Verdict.FAILED),
                  report.count(Verdict.SKIPPED)));
      report.remarks().forEach(line -> text.append("  ").append(line).append('\n'));
    }
    System.out.print(text);
    System.out.flush();
    String directory = System.getProperty(REPORT_PROPERTY, "");
    if (!directory.isBlank()) {
      new ConformanceReport(reports, ReferenceCases.versions(), Environment.here(), Instant.now())
          .write(Path.of(directory));
    }
  }
}
