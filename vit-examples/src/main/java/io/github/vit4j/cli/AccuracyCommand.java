package io.github.vit4j.cli;

import io.github.vit4j.config.Json;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.ImageException;
import io.github.vit4j.hub.ModelFiles;
import io.github.vit4j.image.ImageReader;
import io.github.vit4j.pipeline.Classification;
import io.github.vit4j.pipeline.ImageClassificationPipeline;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ProviderNotFoundException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/** {@code vit accuracy}: how often a classifier is right. */
@Command(
    name = "accuracy",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    abbreviateSynopsis = true,
    description = {
      "Measures a classifier on labelled photos: the share whose best label, and one of whose five best"
          + " labels, is the right one.",
      "",
      "Photos lie in one folder per label, named as the label, in a folder or a zip file. One that cannot be read"
          + " is reported and left out, and the exit code is 1."
    },
    descriptionHeading = "%n",
    parameterListHeading = "%nPhotos:%n",
    optionListHeading = "%nOptions:%n",
    footerHeading = "%nExample:%n",
    footer = "  ./vit accuracy cifar10-jpg.zip --within test")
final class AccuracyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "FOLDER|ZIP", description = "Holds one folder per label.")
  private Path photos = Path.of("");

  @Option(
      names = "--within",
      paramLabel = "FOLDER",
      description = "Look only in this folder of it.")
  private @Nullable String within;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "32",
      description = "Photos a batch. Default: ${DEFAULT-VALUE}.")
  private int batchSize;

  @Option(
      names = "--fail-fast",
      description =
          "Stop at the first photo that cannot be read, instead of reporting it and going on.")
  private boolean failFast;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Mixin private ModelOption model = new ModelOption();
  @Mixin private EngineOptions engine = new EngineOptions();
  @Mixin private ThroughputOptions throughput = new ThroughputOptions();

  private record Photo(Path file, String label) {}

  @Override
  public Integer call() throws IOException {
    if (batchSize < 1) {
      throw new ParameterException(
          spec.commandLine(), "--batch-size must be at least 1, got " + batchSize);
    }
    if (!Files.exists(photos)) {
      throw new ImageException("there is no file or folder " + photos);
    }
    if (Files.isDirectory(photos)) {
      return measure(photos);
    }
    try (FileSystem zip = FileSystems.newFileSystem(photos)) {
      return measure(zip.getPath("/"));
    } catch (ProviderNotFoundException e) {
      throw new ImageException(photos + " is neither a folder nor a zip file", e);
    }
  }

  private int measure(Path root) throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    ModelFiles files = model.files();
    List<Photo> labelled = find(within == null ? root : root.resolve(within), files.config());
    ImageReader reader = ImageReader.create();
    Tally tally = new Tally();
    try (ImageClassificationPipeline pipeline =
            ImageClassificationPipeline.fromPretrained(
                files, throughput.loadOptions(engine, labelled.size(), batchSize));
        Progress progress = Progress.of(err, labelled.size());
        var results =
            pipeline.classifyAll(
                labelled.stream(),
                photo -> reader.read(photo.file()),
                ImageClassificationPipeline.DEFAULT_TOP_K,
                throughput.streamOptions(batchSize))) {
      int exitCode =
          new ImageResults(failFast || labelled.size() == 1, err, progress)
              .forEach(results, tally::add);
      if (tally.photos > 0) {
        report(tally.photos, tally.best, tally.amongFive);
      }
      return exitCode;
    }
  }

  private static final class Tally {
    int photos;
    int best;
    int amongFive;

    void add(Photo photo, List<Classification> classifications) {
      List<String> found = classifications.stream().map(Classification::label).toList();
      photos++;
      best += found.getFirst().equals(photo.label()) ? 1 : 0;
      amongFive += found.contains(photo.label()) ? 1 : 0;
    }
  }

  private static List<Photo> find(Path root, ViTConfig config) throws IOException {
    if (!Files.isDirectory(root)) {
      throw new ImageException("there is no folder " + root);
    }
    Set<String> labels = Set.copyOf(config.id2label().values());
    List<Photo> labelled = new ArrayList<>();
    try (Stream<Path> folders = Files.list(root)) {
      for (Path folder : folders.filter(Files::isDirectory).sorted().toList()) {
        String label =
            Objects.requireNonNull(folder.getFileName()).toString().replaceFirst("/$", "");
        if (!labels.contains(label)) {
          throw new ImageException(
              "the folder %s is not named as one of the model's labels, such as '%s'; rename or remove it"
                  .formatted(folder, config.label(0)));
        }
        try (Stream<Path> files = Files.list(folder)) {
          files
              .filter(Files::isRegularFile)
              .sorted()
              .forEach(f -> labelled.add(new Photo(f, label)));
        }
      }
    }
    if (labelled.isEmpty()) {
      throw new ImageException(
          "no photo in %s lies in a folder named as one of the model's labels, such as '%s'"
              .formatted(root, config.label(0)));
    }
    return labelled;
  }

  private void report(int photosSeen, int best, int amongFive) {
    PrintWriter out = spec.commandLine().getOut();
    double top1 = (double) best / photosSeen;
    double top5 = (double) amongFive / photosSeen;
    if (json) {
      ObjectNode result = Json.object();
      result.put("photos", photosSeen).put("top1", top1).put("top5", top5);
      out.println(Json.toPrettyString(result));
    } else {
      out.printf(
          Locale.ROOT,
          "%d photos: top-1 %.2f %%, top-5 %.2f %%%n",
          photosSeen,
          100 * top1,
          100 * top5);
    }
  }
}
