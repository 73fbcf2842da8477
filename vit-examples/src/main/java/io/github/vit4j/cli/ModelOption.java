package io.github.vit4j.cli;

import picocli.CommandLine.Option;

/** Which model. */
final class ModelOption {
  private static final String DEFAULT = "builtin:vit-tiny-cifar10";

  @Option(
      names = "--model",
      paramLabel = "ID|DIR",
      defaultValue = DEFAULT,
      description =
          "A directory in HuggingFace's form, or builtin:NAME. Default: ${DEFAULT-VALUE}, a small model for the"
              + " ten classes of CIFAR-10.")
  private String model = DEFAULT;

  String model() {
    return model;
  }
}
