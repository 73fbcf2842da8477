package io.github.vit4j.cli;

import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.hub.ModelFiles;
import io.github.vit4j.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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
      "--png writes pictures of what the model sees: the pixel values as colours again, after resizing and"
          + " cropping. --output writes the numbers: the file holds the tensor 'pixel_values', float32 [images, channels, height, width], and in its metadata the"
          + " images' names as a JSON array 'files'. No engine is needed: the options that choose one change"
          + " nothing here."
    },
    descriptionHeading = "%n",
    parameterListHeading = "%nImages:%n",
    optionListHeading = "%nOptions:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./vit preprocess photo.jpg --png seen.png",
      "  ./vit preprocess photo.jpg --output pixels.safetensors",
      "  ./vit run --task classification --inputs pixels.safetensors --outputs logits.safetensors",
    })
final class PreprocessCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ImageArguments images = new ImageArguments();

  @Option(
      names = "--output",
      paramLabel = "F.safetensors",
      description = "The file to write; an existing one is replaced.")
  private @Nullable Path output;

  @Option(
      names = "--png",
      paramLabel = "FILE|DIR",
      description =
          "What the model sees, as a PNG file; for several images a directory, where each gets a file of its"
              + " name.")
  private @Nullable Path png;

  @Mixin private TensorOutput summary = new TensorOutput();
  @Mixin private ModelOption model = new ModelOption();
  @Mixin private EngineOptions engine = new EngineOptions();

  @Override
  public Integer call() throws IOException {
    images.batchSize();
    engine.loadOptions();
    if (output == null && png == null) {
      throw new ParameterException(
          spec.commandLine(), "nothing to write: give --output F.safetensors, --png FILE or both");
    }
    if (output != null) {
      OutputFile.check(output);
    }
    List<ImageSource> files = images.images();
    ModelFiles modelFiles = model.files();
    ViTImageProcessor processor = ViTImageProcessor.fromPretrained(modelFiles);
    ViTConfig config = modelFiles.config();
    PngOutput pictures = png == null ? null : PngOutput.of(png, files);
    List<String> names = new ArrayList<>();
    List<Tensor> tensors = new ArrayList<>();
    List<Path> written = new ArrayList<>();
    int exitCode;
    PrintWriter err = spec.commandLine().getErr();
    try (Progress progress = Progress.of(err, files.size())) {
      exitCode =
          ImageBatches.forEach(
              images,
              err,
              progress,
              files,
              (batch, decoded) -> {
                // All of them before anything is kept: a batch that fails comes again in parts.
                Tensor batchValues = processor.preprocess(Arena.ofAuto(), decoded, config);
                for (int i = 0; i < batch.size(); i++) {
                  Tensor pixelValues = batchValues.slice(i);
                  if (pictures != null) {
                    written.add(pictures.write(batch.get(i), processor.toRgbImage(pixelValues)));
                  }
                  if (output != null) {
                    names.add(batch.get(i).toString());
                    tensors.add(pixelValues);
                  }
                }
              });
    }
    PrintWriter out = spec.commandLine().getOut();
    if (output != null && !tensors.isEmpty()) {
      requireOneSize(names, tensors);
      summary.write(
          out,
          output,
          Map.of("pixel_values", Tensor.stack(tensors)),
          Map.of("files", Names.jsonArray(names), "model", model.model()));
    }
    if (!summary.isJson()) {
      written.forEach(file -> out.println("wrote " + Failures.oneLine(file.toString())));
    }
    return exitCode;
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
