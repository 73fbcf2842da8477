package io.github.vit4j.cli;

import io.github.vit4j.hub.ModelFiles;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which model. */
final class ModelOption {
  static final String DEFAULT = "builtin:vit-tiny-cifar10";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--model",
      paramLabel = "ID|DIR",
      defaultValue = DEFAULT,
      description =
          "A directory in HuggingFace's form, the id of a model on the HuggingFace hub (such as"
              + " google/vit-base-patch16-224, downloaded once), or builtin:NAME. Default: ${DEFAULT-VALUE}, a"
              + " small model for the ten classes of CIFAR-10.")
  private String model = DEFAULT;

  @Option(
      names = "--revision",
      paramLabel = "NAME",
      description = "The branch, tag or commit of a model on the hub. Default: main.")
  private @Nullable String revision;

  String model() {
    return model;
  }

  /** The model's files; those on the hub are downloaded when they are needed. */
  ModelFiles files() {
    return ModelFiles.resolve(model, Optional.ofNullable(revision), () -> Main.hub(spec));
  }

  /** The files of a model that was given in another way. */
  static ModelFiles resolve(CommandSpec spec, String model) {
    return ModelFiles.resolve(model, Optional.empty(), () -> Main.hub(spec));
  }
}
