package io.github.vit4j.cli;

import io.github.vit4j.config.Json;
import io.github.vit4j.hub.CachedModel;
import io.github.vit4j.hub.HubCache;
import io.github.vit4j.hub.HubClient;
import io.github.vit4j.hub.ModelFiles;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code vit models}: what is built in and what was downloaded. */
@Command(
    name = "models",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    description = {
      "Lists, downloads and removes models of the HuggingFace hub.",
      "",
      "They lie in the cache that HuggingFace's Python code uses, by default ~/.cache/huggingface/hub: what"
          + " one has downloaded, the other finds. HF_HUB_CACHE or HF_HOME puts it elsewhere."
    },
    descriptionHeading = "%n",
    optionListHeading = "%nOptions:%n",
    commandListHeading = "%nCommands:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./vit models list",
      "  ./vit models download google/vit-base-patch16-224",
      "  ./vit models remove google/vit-base-patch16-224",
    },
    subcommands = {
      ModelsCommand.ListModels.class,
      ModelsCommand.Download.class,
      ModelsCommand.Remove.class
    })
final class ModelsCommand implements Callable<Integer> {
  private static final int SHORT_COMMIT = 8;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getOut());
    return 0;
  }

  /** The commit, cut short, and what calls it so. */
  private static String revision(CachedModel model) {
    String commit = model.commit().substring(0, Math.min(SHORT_COMMIT, model.commit().length()));
    return model.revisions().isEmpty()
        ? commit
        : "%s (%s)".formatted(String.join(", ", model.revisions()), commit);
  }

  private static String size(long bytes) {
    if (bytes < 1 << 10) {
      return bytes + " B";
    }
    double value = bytes;
    String unit = "";
    for (String next : new String[] {"KiB", "MiB", "GiB"}) {
      if (value < 1 << 10) {
        break;
      }
      value /= 1 << 10;
      unit = next;
    }
    return String.format(Locale.ROOT, "%.1f %s", value, unit);
  }

  /** {@code vit models list}. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class,
      sortOptions = false,
      description =
          "Lists the built-in models and those in the cache: id, revision, size and where they are.",
      descriptionHeading = "%n",
      optionListHeading = "%nOptions:%n")
  static final class ListModels implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
        names = "--json",
        description =
            "Print JSON: an array of {\"id\", \"commit\", \"revisions\", \"bytes\", \"path\"}; all but the id are"
                + " null for a built-in model.")
    private boolean json;

    @Override
    public Integer call() {
      PrintWriter out = spec.commandLine().getOut();
      List<String> builtin = ModelFiles.builtin().map(name -> "builtin:" + name).sorted().toList();
      List<CachedModel> cached = Main.hub(spec).cache().models();
      if (json) {
        out.println(Json.toPrettyString(toJson(builtin, cached)));
        return 0;
      }
      List<List<String>> rows = new ArrayList<>();
      rows.add(List.of("ID", "REVISION", "SIZE", "PATH"));
      builtin.forEach(id -> rows.add(List.of(id, "-", "-", "-")));
      for (CachedModel model : cached) {
        rows.add(
            List.of(
                model.id(),
                Failures.oneLine(revision(model)),
                size(model.bytes()),
                Failures.oneLine(model.path().toString())));
      }
      Table.print(out, rows);
      return 0;
    }

    private static ArrayNode toJson(List<String> builtin, List<CachedModel> cached) {
      ArrayNode array = Json.object().putArray("models");
      for (String id : builtin) {
        ObjectNode entry = array.addObject().put("id", id);
        entry.putNull("commit").putNull("revisions").putNull("bytes").putNull("path");
      }
      for (CachedModel model : cached) {
        ObjectNode entry = array.addObject().put("id", model.id()).put("commit", model.commit());
        model.revisions().forEach(entry.putArray("revisions")::add);
        entry.put("bytes", model.bytes()).put("path", model.path().toString());
      }
      return array;
    }
  }

  /** {@code vit models download}. */
  @Command(
      name = "download",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class,
      sortOptions = false,
      description =
          "Downloads a model whole, so that it can be used offline, and prints where it is. A download that"
              + " was interrupted goes on where it stopped.",
      descriptionHeading = "%n",
      parameterListHeading = "%nModels:%n",
      optionListHeading = "%nOptions:%n")
  static final class Download implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(
        paramLabel = "ID",
        arity = "1..*",
        description = "Ids of models on the hub, such as google/vit-base-patch16-224.")
    private List<String> ids = new ArrayList<>();

    @Option(
        names = "--revision",
        paramLabel = "NAME",
        description = "The branch, tag or commit. Default: main.")
    private String revision = HubClient.DEFAULT_REVISION;

    @Override
    public Integer call() {
      for (String id : ids) {
        spec.commandLine().getOut().println(Main.hub(spec).model(id, revision));
      }
      return 0;
    }
  }

  /** {@code vit models remove}. */
  @Command(
      name = "remove",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class,
      sortOptions = false,
      description =
          "Removes a model from the cache without asking, and says how much room that makes. Files that"
              + " another revision needs stay.",
      descriptionHeading = "%n",
      parameterListHeading = "%nModels:%n",
      optionListHeading = "%nOptions:%n")
  static final class Remove implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(
        paramLabel = "ID",
        arity = "1..*",
        description = "Ids of models, as './vit models list' shows them.")
    private List<String> ids = new ArrayList<>();

    @Option(
        names = "--revision",
        paramLabel = "NAME",
        description = "Only this branch, tag or commit, which may be cut short.")
    private @Nullable String revision;

    @Override
    public Integer call() {
      HubCache cache = Main.hub(spec).cache();
      for (String id : ids) {
        for (CachedModel model : cache.remove(id, Optional.ofNullable(revision))) {
          String what = model.commit().isEmpty() ? id : id + " " + revision(model);
          spec.commandLine()
              .getOut()
              .println(
                  Failures.oneLine("removed %s: %d bytes freed".formatted(what, model.bytes())));
        }
      }
      return 0;
    }
  }
}
