package io.github.vit4j.cli;

import io.github.vit4j.backend.djl.TorchScriptExport;
import io.github.vit4j.backend.onnx.OnnxExport;
import io.github.vit4j.bench.ProcessMemory;
import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.ModelNotFoundException;
import io.github.vit4j.hub.ModelFiles;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.ModelSource;
import io.github.vit4j.weights.Checkpoint;
import io.github.vit4j.weights.ModelWeights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code vit export}: models as files for other programs. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    abbreviateSynopsis = true,
    description = {
      "Writes a model as one file with its weights inside, float32, for other programs.",
      "",
      "torchscript is read by Python's torch.jit.load and by libtorch, whose forward(pixel_values) returns"
          + " a dictionary; onnx by every ONNX runtime (operator set 20, the standard's operators alone)."
          + " Outputs: 'logits', or 'last_hidden_state' and, if the checkpoint has a pooler,"
          + " 'pooler_output', or 'reconstruction'. No engine is needed: the options that choose one"
          + " change nothing here."
    },
    descriptionHeading = "%n",
    optionListHeading = "%nOptions:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./vit export --format torchscript --output model.pt",
      "  ./vit export --model path/to/vit-base-patch16-224 --format onnx --output model.onnx",
    })
final class ExportCommand implements Callable<Integer> {
  /** What can be written. */
  enum Format {
    TORCHSCRIPT,
    ONNX
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--format",
      paramLabel = "torchscript|onnx",
      required = true,
      converter = Names.OfExportFormat.class,
      description = "For what.")
  private Format format = Format.TORCHSCRIPT;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      required = true,
      description = "The file to write; an existing one is replaced.")
  private Path output = Path.of("");

  @Option(
      names = "--architecture",
      paramLabel = "NAME",
      converter = Names.OfArchitecture.class,
      description =
          "ViTForImageClassification, ViTModel or ViTForMaskedImageModeling. Default: that of --model, else"
              + " ViTForImageClassification.")
  private @Nullable Architecture architecture;

  @Mixin private ModelOption model = new ModelOption();
  @Mixin private EngineOptions engine = new EngineOptions();

  @Override
  public Integer call() throws IOException {
    engine.loadOptions();
    OutputFile.check(output);
    ModelFiles files = model.files();
    ViTConfig config = files.config();
    Checkpoint checkpoint =
        files
            .checkpoint()
            .orElseThrow(
                () ->
                    new ModelNotFoundException(
                        "%s holds no weights, which an export is made of".formatted(files.name())));
    Architecture wanted = architecture == null ? Names.architecture(config) : architecture;
    ModelDefinition definition =
        new ModelDefinition(
            config,
            wanted,
            new ModelSource.Weights(
                ModelWeights.resolve(
                    checkpoint, config, wanted, Optional.empty(), OptionalLong.empty())));
    switch (format) {
      case TORCHSCRIPT -> TorchScriptExport.write(definition, output);
      case ONNX -> OnnxExport.write(definition, output);
    }
    spec.commandLine()
        .getOut()
        .printf(
            "%s: %s of %s, %s%n",
            output, wanted, files.name(), ProcessMemory.describe(Files.size(output)));
    return 0;
  }
}
