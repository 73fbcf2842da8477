package io.github.vit4j.cli;

import io.github.vit4j.LoadOptions;
import io.github.vit4j.bench.BenchReport;
import io.github.vit4j.bench.BenchResult;
import io.github.vit4j.bench.BenchSettings;
import io.github.vit4j.bench.Benchmark;
import io.github.vit4j.config.Json;
import io.github.vit4j.conformance.Subject;
import io.github.vit4j.pictures.SamplePhotos;
import io.github.vit4j.spi.ProcessorCores;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code vit bench}: how fast it is, and beside Python. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    abbreviateSynopsis = true,
    description = {
      "Measures backends: the model on tensors, loading and memory, photos to pixel values and to labels.",
      "",
      "Everything is measured in turns, A B C A B C; printed are medians, and the 10 and 90 %% quantiles of the"
          + " turns. With --against, HuggingFace transformers (as it is, and compiled by torch.compile) and"
          + " ONNX Runtime's Python package take their turns in the same run, on --threads threads or one a core, and"
          + " transformers on the GPU where torch finds one; a ratio under 1 means that ViT4J takes less time than"
          + " transformers in float32 on the processor."
    },
    descriptionHeading = "%n",
    optionListHeading = "%nOptions:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./vit bench",
      "  ./vit bench --backend onnx --batch 1,8,32 --thread-counts 1,2 --callers 1,2",
      "  ./vit bench --all --model path/to/vit-base-patch16-224 --against python3 --markdown",
    })
final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--all",
      description = "Every precision of every device, not just those that would be chosen.")
  private boolean all;

  @Option(
      names = "--backends",
      paramLabel = "NAME",
      split = ",",
      description = "Of several engines, those to measure, separated by commas. Default: all.")
  private List<String> backends = List.of();

  @Option(
      names = "--batch",
      paramLabel = "N",
      split = ",",
      defaultValue = "1,8",
      description = "Images a run, several separated by commas. Default: ${DEFAULT-VALUE}.")
  private List<Integer> batches = List.of();

  @Option(
      names = "--callers",
      paramLabel = "N",
      split = ",",
      defaultValue = "1",
      description = "Runs at once, several separated by commas. Default: ${DEFAULT-VALUE}.")
  private List<Integer> callers = List.of();

  @Option(
      names = "--thread-counts",
      paramLabel = "N",
      split = ",",
      description = "Several numbers of threads to measure with, in place of --threads.")
  private List<Integer> threadCounts = List.of();

  @Option(
      names = "--turns",
      paramLabel = "N",
      defaultValue = "10",
      description = "How often everything is measured. Default: ${DEFAULT-VALUE}.")
  private int turns;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "0.3",
      description =
          "How long one measurement of a turn lasts at least; at least two runs. Default: ${DEFAULT-VALUE}.")
  private double seconds;

  @Option(
      names = "--photos",
      paramLabel = "FOLDER",
      description =
          "Photos to preprocess and classify. Default: those that come with the examples.")
  private @Nullable Path photos;

  @Option(
      names = "--only-model",
      description = "Measure only the model on tensors: no loading, no photos.")
  private boolean onlyModel;

  @Option(
      names = "--against",
      paramLabel = "PYTHON",
      description = "A Python program with torch and transformers, to compare with.")
  private @Nullable String python;

  @Option(names = "--json", description = "Print JSON, with the values of every turn.")
  private boolean json;

  @Option(names = "--markdown", description = "Print Markdown.")
  private boolean markdown;

  @Mixin private ModelOption model = new ModelOption();
  @Mixin private EngineOptions engine = new EngineOptions();

  @Override
  public Integer call() {
    check();
    LoadOptions options = engine.loadOptions();
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    ConformanceSubjects subjects = ConformanceSubjects.choose(options, all);
    List<Subject> measured =
        subjects.subjects().stream()
            // Made to be read, not to be fast; by name it is measured too.
            .filter(
                subject ->
                    !subject.provider().name().equals("reference")
                        || options.backend().equals("reference"))
            .filter(subject -> backends.isEmpty() || backends.contains(subject.provider().name()))
            .toList();
    if (measured.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "--backends %s names none that could be measured: %s"
              .formatted(String.join(",", backends), subjects.subjects()));
    }
    Path folder = photos == null ? SamplePhotos.drawn() : photos;
    BenchSettings settings =
        new BenchSettings(
            model.model(),
            model.files(),
            measured,
            batches,
            threadCounts.isEmpty() ? List.of(options.threads()) : threadCounts,
            callers,
            turns,
            seconds,
            onlyModel ? List.of() : SamplePhotos.in(folder),
            !onlyModel,
            Optional.ofNullable(python),
            options.threads() == 0 ? ProcessorCores.available() : options.threads(),
            Optional.ofNullable(System.getProperty("vit4j.launcher")).map(Path::of));
    BenchResult result = Benchmark.run(settings, line -> Progress.line(err, line));
    if (json) {
      out.println(Json.toPrettyString(BenchReport.json(result)));
    } else if (markdown) {
      out.print(BenchReport.markdown(result));
    } else {
      print(out, result);
      subjects.leftOut().forEach(line -> out.println(Failures.oneLine("left out: " + line)));
    }
    return 0;
  }

  private void check() {
    check("--batch", batches, 1, 4096);
    check("--callers", callers, 1, 1024);
    check("--thread-counts", threadCounts, 0, 1024);
    check("--turns", List.of(turns), 1, 10_000);
    if (!(seconds > 0 && seconds <= 3600)) {
      throw new ParameterException(
          spec.commandLine(), "--seconds must be more than 0 and at most 3600, got " + seconds);
    }
    if (json && markdown) {
      throw new ParameterException(spec.commandLine(), "--json and --markdown: choose one");
    }
  }

  private void check(String option, List<Integer> values, int least, int most) {
    for (int value : values) {
      if (value < least || value > most) {
        throw new ParameterException(
            spec.commandLine(),
            "%s must be from %d to %d, got %d".formatted(option, least, most, value));
      }
    }
  }

  private static void print(PrintWriter out, BenchResult result) {
    for (BenchReport.Part part : BenchReport.parts(result)) {
      out.println(part.title());
      Table.print(out, part.rows());
      out.println();
    }
    result.machine().forEach((name, value) -> out.println(name + ": " + Failures.oneLine(value)));
    result.notes().forEach(note -> out.println(Failures.oneLine(note)));
  }
}
