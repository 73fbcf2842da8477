package io.github.vit4j.cli;

import io.github.vit4j.LoadOptions;
import io.github.vit4j.ViTModel;
import io.github.vit4j.config.Json;
import io.github.vit4j.hub.ModelFiles;
import io.github.vit4j.runtime.BackendChoice;
import io.github.vit4j.runtime.BackendRegistry;
import io.github.vit4j.runtime.BackendRequest;
import io.github.vit4j.spi.Availability;
import io.github.vit4j.spi.BackendProvider;
import io.github.vit4j.spi.Device;
import io.github.vit4j.spi.Precision;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code vit backends}: the engines that are there. */
@Command(
    name = "backends",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    abbreviateSynopsis = true,
    description = {
      "Lists the engines, the preferred one first: their devices and precisions, or why they are not available.",
      "",
      "With --backend, --device or --precision it also says which engine serves them, or fails with the"
          + " reason why none does; with --model it opens the model and says what it runs on."
    },
    descriptionHeading = "%n",
    optionListHeading = "%nOptions:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./vit backends",
      "  ./vit backends --device cuda --precision float16",
      "  ./vit backends --json | jq -r '.[] | select(.available) | .name'",
    })
final class BackendsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--json",
      description =
          "Print JSON: an array of {\"name\", \"available\", \"version\", \"devices\": [{\"name\", \"description\","
              + " \"precisions\"}], \"reason\"}.")
  private boolean json;

  @Option(
      names = "--verbose",
      description =
          "Describe the devices, name the implementing classes, and measure on sample photos how far each precision"
              + " agrees with float32, by a built-in classifier or the one of --model; takes seconds.")
  private boolean verbose;

  @Option(
      names = "--model",
      paramLabel = "ID|DIR",
      description = "Open this model and say what it runs on.")
  private @Nullable String model;

  @Mixin private EngineOptions engine = new EngineOptions();

  @Override
  public Integer call() {
    LoadOptions options = engine.loadOptions();
    PrintWriter out = spec.commandLine().getOut();
    BackendRegistry registry = BackendRegistry.installed();
    if (json) {
      ArrayNode array = Json.object().putArray("backends");
      registry.providers().forEach(provider -> array.add(toJson(provider)));
      out.println(Json.toPrettyString(array));
      registry.broken().forEach(line -> tellBroken(spec.commandLine().getErr(), line));
    } else {
      printTable(out, registry, options);
    }
    out.flush();
    if (engine.given()) {
      BackendChoice choice =
          registry.choose(
              new BackendRequest(options.backend(), options.device(), options.precision()));
      PrintWriter notes = json ? spec.commandLine().getErr() : out;
      notes.println(
          "These options choose %s on %s, %s: %s"
              .formatted(
                  choice.provider().name(),
                  choice.device().name(),
                  choice.precision(),
                  choice.reason()));
    }
    if (model != null) {
      try (ViTModel opened = ViTModel.fromPretrained(ModelOption.resolve(spec, model), options)) {
        PrintWriter notes = json ? spec.commandLine().getErr() : out;
        notes.println("%s runs on %s: %s".formatted(model, opened.info(), opened.backendReason()));
      }
    }
    return 0;
  }

  private static void tellBroken(PrintWriter out, String line) {
    out.println(Failures.oneLine("left out: " + line));
  }

  private void printTable(PrintWriter out, BackendRegistry registry, LoadOptions options) {
    List<BackendProvider> providers = registry.providers();
    if (providers.isEmpty()) {
      out.println("no backend is on the class path");
      registry.broken().forEach(line -> tellBroken(out, line));
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    rows.add(List.of("NAME", "AVAILABLE", "VERSION", "DEVICE", "PRECISIONS"));
    for (BackendProvider provider : providers) {
      switch (BackendRegistry.availability(provider)) {
        case Availability.Available available -> {
          String name = provider.name();
          String yes = "yes";
          String version = available.version();
          for (Device device : available.devices()) {
            rows.add(
                List.of(
                    name,
                    yes,
                    Failures.oneLine(version),
                    Failures.oneLine(device.name()),
                    precisions(device)));
            if (verbose) {
              notes.add(
                  "%s %s: %s".formatted(provider.name(), device.name(), device.description()));
              notes.addAll(PrecisionNotes.of(provider, device, classifier(), options));
            }
            name = "";
            yes = "";
            version = "";
          }
        }
        case Availability.Unavailable unavailable -> {
          rows.add(List.of(provider.name(), "no", "-", "-", "-"));
          notes.add("%s is not available: %s".formatted(provider.name(), unavailable.reason()));
        }
      }
      if (verbose) {
        notes.add("%s: class %s".formatted(provider.name(), provider.getClass().getName()));
      }
    }
    Table.print(out, rows);
    if (!notes.isEmpty() || !registry.broken().isEmpty()) {
      out.println();
      notes.forEach(note -> out.println(Failures.oneLine(note)));
      registry.broken().forEach(line -> tellBroken(out, line));
    }
  }

  private ModelFiles classifier() {
    return ModelOption.resolve(spec, model == null ? ModelOption.DEFAULT : model);
  }

  private static String precisions(Device device) {
    return device.precisions().stream()
        .sorted()
        .map(Precision::toString)
        .collect(Collectors.joining(", "));
  }

  private ObjectNode toJson(BackendProvider provider) {
    ObjectNode entry = Json.object();
    entry.put("name", provider.name());
    switch (BackendRegistry.availability(provider)) {
      case Availability.Available available -> {
        entry.put("available", true);
        entry.put("version", available.version());
        ArrayNode devices = entry.putArray("devices");
        for (Device device : available.devices()) {
          ObjectNode node = devices.addObject();
          node.put("name", device.name());
          node.put("description", device.description());
          ArrayNode precisions = node.putArray("precisions");
          device.precisions().stream().sorted().forEach(p -> precisions.add(p.toString()));
        }
        entry.putNull("reason");
      }
      case Availability.Unavailable unavailable -> {
        entry.put("available", false);
        entry.putNull("version");
        entry.putArray("devices");
        entry.put("reason", unavailable.reason());
      }
    }
    if (verbose) {
      entry.put("class", provider.getClass().getName());
    }
    return entry;
  }
}
