package io.github.vit4j.cli;

import io.github.vit4j.examples.CustomConfiguration;
import io.github.vit4j.examples.FeatureExtraction;
import io.github.vit4j.examples.ImageClassification;
import io.github.vit4j.examples.ImagePreprocessing;
import io.github.vit4j.examples.MaskedImageModeling;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vit example}: the use cases, one program each. */
@Command(
    name = "example",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    description = {
      "Runs a use case, each a program of about a page.",
      "",
      "The programs are in io.github.vit4j.examples: ImageClassification, MaskedImageModeling,"
          + " FeatureExtraction, CustomConfiguration, ImagePreprocessing."
    },
    descriptionHeading = "%n",
    parameterListHeading = "%nParameters:%n",
    optionListHeading = "%nOptions:%n",
    footerHeading = "%nExample:%n",
    footer = "  ./vit example ImageClassification photo.jpg path/to/vit-base-patch16-224")
final class ExampleCommand implements Callable<Integer> {
  /** The programs, by the names of their classes. */
  private static final Map<String, Program> PROGRAMS =
      new TreeMap<>(
          Map.of(
              "ImageClassification", ImageClassification::main,
              "MaskedImageModeling", MaskedImageModeling::main,
              "FeatureExtraction", FeatureExtraction::main,
              "CustomConfiguration", CustomConfiguration::main,
              "ImagePreprocessing", ImagePreprocessing::main));

  private interface Program {
    void run(String... arguments);
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "NAME", description = "The program.")
  private String name = "";

  @Parameters(index = "1..*", paramLabel = "ARGUMENT", description = "What the program takes.")
  private List<String> arguments = new ArrayList<>();

  @Override
  public Integer call() {
    Program program = PROGRAMS.get(name);
    if (program == null) {
      throw new ParameterException(
          spec.commandLine(),
          "no example is named '%s'; there are %s"
              .formatted(name, String.join(", ", PROGRAMS.keySet())));
    }
    program.run(arguments.toArray(String[]::new));
    return 0;
  }
}
