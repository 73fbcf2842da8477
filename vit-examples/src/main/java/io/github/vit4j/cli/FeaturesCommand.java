package io.github.vit4j.cli;

import io.github.vit4j.LoadOptions;
import io.github.vit4j.pipeline.ImageFeatureExtractionPipeline;
import io.github.vit4j.pipeline.Pooling;
import io.github.vit4j.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code vit features}: photos as vectors. */
@Command(
    name = "features",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    abbreviateSynopsis = true,
    description = {
      "Writes what the encoder makes of images, to search, cluster or train on.",
      "",
      "The file holds the tensor 'features', float32 [images, size], or [images, tokens, size] with"
          + " --pool none, and in its metadata the images' names as a JSON array 'files'."
    },
    descriptionHeading = "%n",
    parameterListHeading = "%nImages:%n",
    optionListHeading = "%nOptions:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./vit features photos/ --pool cls --output features.safetensors",
      "  ./vit features --model path/to/vit-base-patch16-224-in21k --pool pooler photo.jpg --output f.safetensors",
    })
final class FeaturesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ImageArguments images = new ImageArguments();

  @Option(
      names = "--output",
      paramLabel = "F.safetensors",
      required = true,
      description = "The file to write; an existing one is replaced.")
  private Path output = Path.of("");

  @Option(
      names = "--pool",
      paramLabel = "none|cls|mean|pooler",
      defaultValue = "none",
      converter = Names.OfPooling.class,
      description =
          "One vector per image from the CLS token, the mean over the patches or the pooler; none keeps"
              + " a vector per token. Default: ${DEFAULT-VALUE}.")
  private Pooling pooling = Pooling.NONE;

  @Mixin private TensorOutput summary = new TensorOutput();
  @Mixin private ModelOption model = new ModelOption();
  @Mixin private EngineOptions engine = new EngineOptions();
  @Mixin private ThroughputOptions throughput = new ThroughputOptions();

  @Override
  public Integer call() throws IOException {
    int batchSize = images.batchSize();
    OutputFile.check(output);
    PrintWriter err = spec.commandLine().getErr();
    List<ImageSource> files = images.images();
    LoadOptions options = throughput.loadOptions(engine, files.size(), batchSize);
    List<String> names = new ArrayList<>();
    List<Tensor> features = new ArrayList<>();
    int exitCode;
    try (ImageFeatureExtractionPipeline pipeline =
            ImageFeatureExtractionPipeline.fromPretrained(model.files(), options);
        Progress progress = Progress.of(err, files.size());
        var results =
            pipeline.extractAll(
                files.stream(),
                ImageSource.reader(),
                pooling,
                throughput.streamOptions(batchSize))) {
      exitCode =
          new ImageResults(images.stopAtFirst(files), err, progress)
              .forEach(
                  results,
                  (file, vector) -> {
                    names.add(file.toString());
                    features.add(vector);
                  });
    }
    if (!features.isEmpty()) {
      summary.write(
          spec.commandLine().getOut(),
          output,
          Map.of("features", Tensor.stack(features)),
          Map.of(
              "files", Names.jsonArray(names),
              "model", model.model(),
              "pool", pooling.name().toLowerCase(Locale.ROOT)));
    }
    return exitCode;
  }
}
