package io.github.vit4j.cli;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ViTConfig;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code vit config}: configurations, and random models made from them. */
@Command(
    name = "config",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    abbreviateSynopsis = true,
    description = {
      "Prints a configuration as Python's print(config) does, and makes randomly initialised models of it.",
      "",
      "Starts from --model, or from the defaults of HuggingFace's ViTConfig, which are those of ViT-B/16;"
          + " the options for fields change it. With --save a directory is written that ViT4J and Python's"
          + " from_pretrained load: config.json, model.safetensors, preprocessor_config.json. No engine is"
          + " needed: the options that choose one change nothing here."
    },
    descriptionHeading = "%n",
    optionListHeading = "%nOptions:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./vit config --model path/to/vit-base-patch16-224",
      "  ./vit config --hidden-size 64 --num-hidden-layers 2 --num-attention-heads 4 \\",
      "      --intermediate-size 128 --image-size 32 --patch-size 8 --num-labels 10 --save tiny-vit",
    })
final class ConfigCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--model",
      paramLabel = "ID|DIR",
      description = "A directory in HuggingFace's form, or builtin:NAME, to start from.")
  private @Nullable String model;

  @Option(
      names = "--save",
      paramLabel = "DIR",
      description = "Write a model with random weights to this new or empty directory.")
  private @Nullable Path save;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Which random weights; the same seed gives the same everywhere. Default: 0.")
  private @Nullable Long seed;

  @Option(
      names = "--architecture",
      paramLabel = "NAME",
      converter = Names.OfArchitecture.class,
      description =
          "ViTForImageClassification, ViTModel or ViTForMaskedImageModeling. Default: that of --model, else"
              + " ViTForImageClassification.")
  private @Nullable Architecture architecture;

  @Option(names = "--force", description = "Replace the files of a model in the --save directory.")
  private boolean force;

  @Option(names = "--json", description = "Print JSON, which is done in any case.")
  @SuppressWarnings("UnusedVariable") // accepted, so that scripts need not treat this command apart
  private boolean json;

  // Not an argument group: there, an option given twice would silently undo the others.
  @Mixin private ConfigFields fields = new ConfigFields();
  @Mixin private EngineOptions engine = new EngineOptions();

  @Override
  public Integer call() throws Exception {
    engine.loadOptions();
    if (save == null && (seed != null || force)) {
      throw new ParameterException(
          spec.commandLine(), (seed != null ? "--seed" : "--force") + " needs --save DIR");
    }
    ViTConfig base =
        model == null ? ViTConfig.builder().build() : ModelOption.resolve(spec, model).config();
    ViTConfig config = fields.applyTo(base);
    if (save != null) {
      RandomModel.write(
          save,
          config,
          architecture == null ? Names.architecture(base) : architecture,
          seed == null ? 0 : seed,
          force);
    }
    spec.commandLine().getOut().println(config.toJsonString());
    return 0;
  }
}
