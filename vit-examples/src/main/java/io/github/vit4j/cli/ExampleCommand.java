package io.github.vit4j.cli;

import io.github.vit4j.LoadOptions;
import io.github.vit4j.error.ViTException;
import io.github.vit4j.examples.AttentionRollout;
import io.github.vit4j.examples.CustomConfiguration;
import io.github.vit4j.examples.FeatureExtraction;
import io.github.vit4j.examples.GuiceInjection;
import io.github.vit4j.examples.ImageClassification;
import io.github.vit4j.examples.ImagePreprocessing;
import io.github.vit4j.examples.MaskedImageModeling;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vit example}: the use cases, one program each. */
@Command(
    name = "example",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    abbreviateSynopsis = true,
    description = {
      "Runs a use case, each a program of about a page in io.github.vit4j.examples, and writes a picture"
          + " of its result.",
      "",
      "  ImageClassification [PHOTO [MODEL]]            what is on the photo",
      "  MaskedImageModeling [PHOTO [MODEL]]            half of it hidden, and reconstructed",
      "  FeatureExtraction [PHOTO [FOLDER [MODEL]]]     what in the folder is most like it",
      "  CustomConfiguration [DIRECTORY]                a model of one's own size, saved there",
      "  ImagePreprocessing [PHOTO [MODEL]]             what a model sees of it",
      "  AttentionRollout [PHOTO [MODEL]]               where on it a model looks",
      "  GuiceInjection [PHOTO [MODEL]]                 a model from an injector; no picture",
    },
    descriptionHeading = "%n",
    parameterListHeading = "%nParameters:%n",
    optionListHeading = "%nOptions:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./vit example ImageClassification photo.jpg path/to/vit-base-patch16-224",
      "  ./vit example FeatureExtraction photo.jpg holiday/ --backend djl",
      "  ./vit example --all --output pictures",
    })
final class ExampleCommand implements Callable<Integer> {
  /** The programs by the names of their classes, in the order in which all of them run. */
  private static final List<Program> PROGRAMS =
      List.of(
          new Program("ImageClassification", 2, ImageClassification::run),
          new Program("MaskedImageModeling", 2, MaskedImageModeling::run),
          new Program("FeatureExtraction", 3, FeatureExtraction::run),
          new Program("CustomConfiguration", 1, CustomConfiguration::run),
          new Program("ImagePreprocessing", 2, ImagePreprocessing::run),
          new Program("AttentionRollout", 2, AttentionRollout::run),
          new Program("GuiceInjection", 2, GuiceInjection::run));

  private record Program(String name, int mostArguments, Body body) {}

  private interface Body {
    Object run(LoadOptions options, Path pictures, String... arguments);
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "The program.")
  private @Nullable String name;

  @Parameters(index = "1..*", paramLabel = "ARGUMENT", description = "What the program takes.")
  private List<String> arguments = new ArrayList<>();

  @Option(names = "--all", description = "Run all of them, on what comes with them.")
  private boolean all;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "pictures",
      description =
          "The folder to write pictures into, made if it is missing. Default: ${DEFAULT-VALUE}.")
  private Path output = Path.of("pictures");

  @Mixin private EngineOptions engine = new EngineOptions();

  @Override
  public Integer call() {
    LoadOptions options = engine.loadOptions();
    List<Program> programs = chosen();
    if (!all) {
      programs.getFirst().body().run(options, output, arguments.toArray(String[]::new));
      return 0;
    }
    int exitCode = 0;
    for (Program program : programs) {
      System.out.println("== " + program.name());
      try {
        program.body().run(options, output);
      } catch (ViTException e) {
        // The others may still have something to show.
        spec.commandLine().getErr().printf("vit: %s: %s%n", program.name(), Failures.describe(e));
        exitCode = 1;
      }
    }
    return exitCode;
  }

  private List<Program> chosen() {
    if (all && name != null) {
      throw new ParameterException(
          spec.commandLine(),
          "--all runs all examples, without '%s'; leave one out".formatted(name));
    }
    if (all) {
      return PROGRAMS;
    }
    String names = PROGRAMS.stream().map(Program::name).collect(Collectors.joining(", "));
    if (name == null) {
      throw new ParameterException(
          spec.commandLine(), "name an example, or --all of them: " + names);
    }
    Program program =
        PROGRAMS.stream()
            .filter(p -> p.name().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new ParameterException(
                        spec.commandLine(),
                        "no example is named '%s'; there are %s".formatted(name, names)));
    if (arguments.size() > program.mostArguments()) {
      throw new ParameterException(
          spec.commandLine(),
          "%s takes at most %d arguments, got %d"
              .formatted(name, program.mostArguments(), arguments.size()));
    }
    return List.of(program);
  }
}
