package io.github.vit4j.cli;

import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code vit preprocess}: photos as the pixel values that a model takes. */
@Command(
    name = "preprocess",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    abbreviateSynopsis = true,
    description = {
      "Writes images as a model takes them: resized, rescaled and normalised by its preprocessor_config.json.",
      "",
      "The file holds the tensor 'pixel_values', float32 [images, 3, height, width], and in its metadata"
          + " the images' names as a JSON array 'files'. No engine is needed: the options that choose one"
          + " change nothing here."
    },
    descriptionHeading = "%n",
    parameterListHeading = "%nImages:%n",
    optionListHeading = "%nOptions:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./vit preprocess photo.jpg --output pixels.safetensors",
      "  ./vit run --task classification --inputs pixels.safetensors --outputs logits.safetensors",
    })
final class PreprocessCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ImageArguments images = new ImageArguments();

  @Option(
      names = "--output",
      paramLabel = "F.safetensors",
      required = true,
      description = "The file to write; an existing one is replaced.")
  private Path output = Path.of("");

  @Mixin private TensorOutput summary = new TensorOutput();
  @Mixin private ModelOption model = new ModelOption();
  @Mixin private EngineOptions engine = new EngineOptions();

  @Override
  public Integer call() throws IOException {
    images.batchSize();
    engine.loadOptions();
    OutputFile.check(output);
    PrintWriter err = spec.commandLine().getErr();
    List<Path> files = images.files();
    ViTImageProcessor processor = ViTImageProcessor.fromPretrained(model.model());
    ImageBatches.Rows rows;
    try (Progress progress = Progress.of(err, files.size())) {
      rows =
          ImageBatches.collect(
              images, err, progress, files, pictures -> processor.preprocess(pictures));
    }
    if (!rows.tensors().isEmpty()) {
      requireOneSize(rows.names(), rows.tensors());
      summary.write(
          spec.commandLine().getOut(),
          output,
          Map.of("pixel_values", Tensor.stack(rows.tensors())),
          Map.of("files", Names.jsonArray(rows.names()), "model", model.model()));
    }
    return rows.exitCode();
  }

  private static void requireOneSize(List<String> names, List<Tensor> pixelValues) {
    Tensor first = pixelValues.getFirst();
    for (int i = 1; i < pixelValues.size(); i++) {
      if (!Arrays.equals(pixelValues.get(i).shape(), first.shape())) {
        throw new InvalidInputException(
            "%s becomes %s and %s becomes %s, which do not fit into one tensor; write them to files of their own"
                .formatted(names.getFirst(), first, names.get(i), pixelValues.get(i)));
      }
    }
  }
}
