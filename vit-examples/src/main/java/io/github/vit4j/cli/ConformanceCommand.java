package io.github.vit4j.cli;

import io.github.vit4j.LoadOptions;
import io.github.vit4j.conformance.Check;
import io.github.vit4j.conformance.CheckResult;
import io.github.vit4j.conformance.ConformanceSuite;
import io.github.vit4j.conformance.Measurement;
import io.github.vit4j.conformance.Outcome;
import io.github.vit4j.conformance.QuickRun;
import io.github.vit4j.conformance.ReferenceCases;
import io.github.vit4j.conformance.Requirement;
import io.github.vit4j.conformance.Requirement.Level;
import io.github.vit4j.conformance.Subject;
import io.github.vit4j.conformance.SubjectReport;
import io.github.vit4j.conformance.SubjectReport.Verdict;
import io.github.vit4j.conformance.report.ConformanceReport;
import io.github.vit4j.conformance.report.Environment;
import io.github.vit4j.error.CheckpointException;
import io.github.vit4j.runtime.BackendRegistry;
import io.github.vit4j.runtime.BackendRequest;
import io.github.vit4j.spi.Precision;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code vit conformance}: judges the engines against HuggingFace transformers. */
@Command(
    name = "conformance",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    abbreviateSynopsis = true,
    description = {
      "Judges the engines against HuggingFace transformers, requirement by requirement.",
      "",
      "Without --backend every engine that is available is judged, on its preferred device in float32. The"
          + " exit code is 1 if a REQUIRED requirement fails or if nothing could be judged; what is skipped"
          + " is named and never counts as passed."
    },
    descriptionHeading = "%n",
    optionListHeading = "%nOptions:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./vit conformance",
      "  ./vit conformance --backend onnx --all --quick",
      "  ./vit conformance --backend djl --requirement 2.1 masks --verbose",
      "  ./vit conformance --report target/conformance",
      "  ./vit conformance --json | jq -r '.subjects[] | [.backend, .judgement] | @tsv'",
    })
final class ConformanceCommand implements Callable<Integer> {
  private static final int FAILURE = 1;

  private final Function<Subject, List<Check>> checks;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      description = "Judge this engine only. Default: auto, which is every one that is available.")
  private @Nullable String backend;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      description = "The engine's device. Default: auto, which is the one it prefers.")
  private @Nullable String device;

  @Option(
      names = "--precision",
      paramLabel = "NAME",
      converter = EngineOptions.PrecisionConverter.class,
      description =
          "The arithmetic: float32, float16, bfloat16, int8, or auto, which is float32. Default: auto.")
  private @Nullable Precision precision;

  @Option(names = "--all", description = "Every device in every precision.")
  private boolean all;

  @Option(
      names = "--requirement",
      paramLabel = "N|KEY",
      arity = "1..*",
      converter = RequirementConverter.class,
      description =
          "Judge these requirements only: numbers or keys as the table has them, for example 2.1 or masks.")
  private List<Requirement> requirements = new ArrayList<>();

  @Option(
      names = "--quick",
      description =
          "Skip what takes minutes: models of full size, and memory after many runs and sessions.")
  private boolean quick = QuickRun.isAskedFor();

  @Option(
      names = "--report",
      paramLabel = "DIR",
      description =
          "Also write "
              + ConformanceReport.JSON_FILE
              + " and "
              + ConformanceReport.HTML_FILE
              + " into this directory, which is made if it is missing.")
  private @Nullable Path report;

  @Option(names = "--json", description = "Print the report as JSON instead of a table.")
  private boolean json;

  @Option(
      names = "--verbose",
      description = "Tell every check and its errors on standard error as soon as it is known.")
  private boolean verbose;

  /** With all checks there are. */
  ConformanceCommand() {
    this(ConformanceSuite::checks);
  }

  /** With these checks. */
  ConformanceCommand(Function<Subject, List<Check>> checks) {
    this.checks = checks;
  }

  @Override
  public Integer call() throws IOException {
    if (all && (device != null || precision != null)) {
      throw new ParameterException(
          spec.commandLine(),
          "--all judges every device in every precision; leave out --device and --precision");
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    LoadOptions defaults = LoadOptions.defaults();
    BackendRequest request =
        new BackendRequest(
            backend == null ? defaults.backend() : backend,
            device == null ? defaults.device() : device,
            precision == null ? defaults.precision() : precision);
    try (ExitGuard guard = ExitGuard.over(err)) {
      return judge(request, guard, out, err);
    }
  }

  private int judge(BackendRequest request, ExitGuard guard, PrintWriter out, PrintWriter err)
      throws IOException {
    ConformanceSubjects chosen =
        ConformanceSubjects.choose(BackendRegistry.installed(), request, all);
    if (report != null) {
      prepare(report);
    }
    ConformanceReport result =
        new ConformanceReport(
            judge(chosen.subjects(), guard, err),
            ReferenceCases.versions(),
            Environment.here(),
            Instant.now());
    if (json) {
      out.println(result.toJson());
    } else {
      out.print(result.toText());
    }
    if (!chosen.leftOut().isEmpty()) {
      PrintWriter notes = json ? err : out;
      notes.println();
      chosen.leftOut().forEach(line -> notes.println(Failures.oneLine("left out: " + line)));
    }
    if (report != null) {
      result.write(report);
    }
    out.flush();
    return tell(result.subjects(), err);
  }

  /** Finds out before the work whether the report can be written afterwards. */
  private static void prepare(Path directory) throws IOException {
    if (Files.exists(directory) && !Files.isDirectory(directory)) {
      throw new CheckpointException(
          "cannot write the report into %s: it is not a directory; name one".formatted(directory));
    }
    Files.createDirectories(directory);
    OutputFile.check(directory.resolve(ConformanceReport.JSON_FILE));
    OutputFile.check(directory.resolve(ConformanceReport.HTML_FILE));
  }

  private List<SubjectReport> judge(List<Subject> subjects, ExitGuard guard, PrintWriter err) {
    List<List<Check>> wanted = subjects.stream().map(this::wanted).toList();
    List<SubjectReport> reports = new ArrayList<>();
    int[] done = {0};
    try (Progress progress =
        Progress.of(err, "checks", wanted.stream().mapToInt(List::size).sum())) {
      for (int i = 0; i < wanted.size(); i++) {
        Subject subject = subjects.get(i);
        guard.judging(subject.toString());
        reports.add(
            ConformanceSuite.run(
                subject,
                wanted.get(i),
                result -> {
                  progress.stepTo(++done[0]);
                  if (verbose) {
                    progress.aside(() -> err.println(line(subject, result)));
                    err.flush();
                  }
                }));
      }
    }
    return reports;
  }

  private List<Check> wanted(Subject subject) {
    return checks.apply(subject).stream()
        .filter(check -> requirements.isEmpty() || requirements.contains(check.requirement()))
        .map(check -> quick ? QuickRun.of(check) : check)
        .toList();
  }

  private static String line(Subject subject, CheckResult result) {
    String measured =
        result.outcome().measurements().stream()
            .map(Measurement::toString)
            .collect(Collectors.joining("; "));
    String what =
        switch (result.outcome()) {
          case Outcome.Passed passed -> "ok";
          case Outcome.Failed failed -> "FAIL: " + failed.message();
          case Outcome.Skipped skipped -> "skip: " + skipped.reason();
        };
    return Failures.oneLine(
        "%s: %s %s, %s: %s%s"
            .formatted(
                subject,
                result.requirement().number(),
                result.requirement().key(),
                result.name(),
                what,
                measured.isEmpty() ? "" : "; " + measured));
  }

  private static int tell(List<SubjectReport> subjects, PrintWriter err) {
    int exitCode = 0;
    for (SubjectReport subject : subjects) {
      boolean failed = !subject.requirements(Level.REQUIRED, Verdict.FAILED).isEmpty();
      if (failed || subject.nothingJudged()) {
        err.println(
            Failures.oneLine(
                "vit: %s%s %s"
                    .formatted(subject.subject(), failed ? "" : ":", subject.judgement())));
        exitCode = FAILURE;
      }
    }
    return exitCode;
  }

  /** Numbers and keys. */
  static final class RequirementConverter implements ITypeConverter<Requirement> {
    @Override
    public Requirement convert(String value) {
      return Requirement.of(value)
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "there is no requirement '%s'; there are %s"
                          .formatted(
                              value,
                              Arrays.stream(Requirement.values())
                                  .map(r -> r.number() + " " + r.key())
                                  .collect(Collectors.joining(", ")))));
    }
  }
}
