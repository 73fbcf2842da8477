package io.github.vit4j.cli;

import io.github.vit4j.LoadOptions;
import io.github.vit4j.bench.Held;
import io.github.vit4j.bench.ProcessMemory;
import io.github.vit4j.bench.Soak;
import io.github.vit4j.config.Json;
import io.github.vit4j.conformance.Subject;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.hub.ModelFiles;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code vit soak}: whether memory stays flat. */
@Command(
    name = "soak",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    abbreviateSynopsis = true,
    description = {
      "Runs a classifier thousands of times, and opens and closes it, and looks at memory, threads and open"
          + " files on the way.",
      "",
      "Compared are the medians of the first and the last readings after a warm-up; the exit code is 1 where"
          + " memory grew by more than --limit, or threads or files grew with the repetitions."
    },
    descriptionHeading = "%n",
    optionListHeading = "%nOptions:%n",
    footerHeading = "%nExamples:%n",
    footer = {"  ./vit soak", "  ./vit soak --backend djl --runs 1000 --cycles 20"})
final class SoakCommand implements Callable<Integer> {
  private static final int FEWEST = 10;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--all",
      description = "Every precision of every device, not just those that would be chosen.")
  private boolean all;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Runs of an open model, at least 10. Default: ${DEFAULT-VALUE}.")
  private int runs;

  @Option(
      names = "--cycles",
      paramLabel = "N",
      defaultValue = "100",
      description =
          "How often it is opened, run and closed, at least 10. Default: ${DEFAULT-VALUE}.")
  private int cycles;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "1",
      description = "Images a run. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--limit",
      paramLabel = "MB",
      defaultValue = "16",
      description = "Growth that is taken for noise. Default: ${DEFAULT-VALUE}.")
  private int limit;

  @Option(names = "--json", description = "Print JSON, with all readings.")
  private boolean json;

  @Mixin private ModelOption model = new ModelOption();
  @Mixin private EngineOptions engine = new EngineOptions();

  @Override
  public Integer call() {
    check("--runs", runs, FEWEST);
    check("--cycles", cycles, FEWEST);
    check("--batch", batch, 1);
    check("--limit", limit, 1);
    LoadOptions options = engine.loadOptions();
    ModelFiles files = model.files();
    if (files.config().numLabels() == 0) {
      throw new InvalidInputException(
          "%s has no labels; soak runs classifiers, give another --model".formatted(files.name()));
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    ConformanceSubjects subjects = ConformanceSubjects.choose(options, all);
    boolean flat = true;
    ArrayNode array = Json.object().putArray("outcomes");
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "SUBJECT",
            "REPEATED",
            "TIMES",
            "MEMORY",
            "GROWTH",
            "HEAP",
            "GROWTH",
            "THREADS",
            "FILES",
            ""));
    for (Subject subject : subjects.subjects()) {
      LoadOptions chosen =
          options
              .withBackend(subject.provider().name())
              .withDevice(subject.device())
              .withPrecision(subject.precision());
      for (Soak.Outcome outcome :
          List.of(
              Soak.runs(files, chosen, runs, batch, line -> tell(err, subject, line)),
              Soak.cycles(files, chosen, cycles, line -> tell(err, subject, line)))) {
        boolean isFlat = outcome.isFlat((long) limit << 20);
        flat &= isFlat;
        rows.add(row(subject, outcome, isFlat));
        add(array.addObject(), subject, outcome, isFlat);
      }
    }
    if (json) {
      out.println(Json.toPrettyString(array));
    } else {
      Table.print(out, rows);
    }
    subjects.leftOut().forEach(line -> err.println(Failures.oneLine("vit: left out: " + line)));
    if (!flat) {
      err.println("vit: not flat; see the table, and --limit");
    }
    return flat ? 0 : 1;
  }

  private void check(String option, int value, int least) {
    if (value < least) {
      throw new ParameterException(
          spec.commandLine(), "%s must be at least %d, got %d".formatted(option, least, value));
    }
  }

  private static void tell(PrintWriter err, Subject subject, String line) {
    Progress.line(err, "%s: %s".formatted(subject, line));
  }

  private static List<String> row(Subject subject, Soak.Outcome outcome, boolean isFlat) {
    Held first = outcome.held().getFirst();
    Held last = outcome.held().getLast();
    return List.of(
        subject.toString(),
        outcome.what(),
        String.valueOf(outcome.times()),
        ProcessMemory.describe(last.memory()),
        megabytes(outcome.memoryGrowth()),
        ProcessMemory.describe(last.heap()),
        megabytes(outcome.heapGrowth()),
        "%d to %d".formatted(first.threads(), last.threads()),
        "%d to %d".formatted(first.files(), last.files()),
        isFlat ? "flat" : "NOT FLAT");
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%+.1f MB", bytes / 1e6);
  }

  private static void add(ObjectNode node, Subject subject, Soak.Outcome outcome, boolean isFlat) {
    node.put("subject", subject.toString());
    node.put("repeated", outcome.what());
    node.put("times", outcome.times());
    node.put("flat", isFlat);
    ArrayNode readings = node.putArray("readings");
    for (Held held : outcome.held()) {
      readings
          .addObject()
          .put("memory", held.memory())
          .put("heap", held.heap())
          .put("threads", held.threads())
          .put("files", held.files());
    }
  }
}
