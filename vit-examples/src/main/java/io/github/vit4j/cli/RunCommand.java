package io.github.vit4j.cli;

import io.github.vit4j.ForwardOptions;
import io.github.vit4j.hub.ModelFiles;
import io.github.vit4j.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code vit run}: tensors in, tensors out. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    abbreviateSynopsis = true,
    description = {
      "Runs a model on tensors, for scripts and for comparing with Python from outside.",
      "",
      "Reads 'pixel_values' float32 [n, channels, height, width] and, where they are there,"
          + " 'bool_masked_pos' bool [n, patches] (tasks features and masked) and 'labels' int64 [n] or"
          + " float32 [n, labels] (task classification). Writes 'logits', or 'last_hidden_state' and, if the"
          + " checkpoint has a pooler, 'pooler_output', or 'reconstruction'; 'loss' where labels or a mask"
          + " were given; 'hidden_states.0' ... and 'attentions.0' ... where asked for. All float32."
    },
    descriptionHeading = "%n",
    optionListHeading = "%nOptions:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./vit preprocess photo.jpg --output in.safetensors",
      "  ./vit run --task classification --inputs in.safetensors --outputs out.safetensors --verbose",
      "  ./vit run --task features --output-hidden-states --inputs in.safetensors --outputs out.safetensors",
    })
final class RunCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--task",
      paramLabel = "classification|features|masked",
      required = true,
      converter = Names.OfTask.class,
      description = "ViTForImageClassification, ViTModel or ViTForMaskedImageModeling.")
  private Task task = Task.CLASSIFICATION;

  @Option(
      names = "--inputs",
      paramLabel = "IN.safetensors",
      required = true,
      description = "The file with the input tensors.")
  private Path inputs = Path.of("");

  @Option(
      names = "--outputs",
      paramLabel = "OUT.safetensors",
      required = true,
      description = "The file to write; an existing one is replaced.")
  private Path outputs = Path.of("");

  @Option(
      names = "--output-hidden-states",
      description = "Also write the hidden states of all layers.")
  private boolean outputHiddenStates;

  @Option(
      names = "--output-attentions",
      description = "Also write the attention weights of all layers.")
  private boolean outputAttentions;

  @Option(
      names = "--interpolate-pos-encoding",
      description = "Accept images of another size than the configured one.")
  private boolean interpolatePosEncoding;

  @Option(
      names = "--verbose",
      description = "Say on standard error what it runs on, how long it took and how much memory.")
  private boolean verbose;

  @Option(names = "--repeat", paramLabel = "N", defaultValue = "1", hidden = true)
  private int repeat = 1;

  @Mixin private TensorOutput summary = new TensorOutput();
  @Mixin private ModelOption model = new ModelOption();
  @Mixin private EngineOptions engine = new EngineOptions();

  @Override
  public Integer call() {
    if (repeat < 1) {
      throw new ParameterException(
          spec.commandLine(), "--repeat must be at least 1, got " + repeat);
    }
    engine.loadOptions();
    OutputFile.check(outputs);
    RunInputs given = RunInputs.read(inputs, task, spec.commandLine().getErr());
    ModelFiles files = model.files();
    RunReport report = RunReport.begin(engine.loadOptions(), verbose);
    try (TaskModel taskModel = TaskModel.open(task, files, engine.loadOptions())) {
      report.loaded();
      Map<String, Tensor> results = Map.of();
      for (int i = 0; i < repeat; i++) {
        results =
            taskModel.forward(
                given,
                new ForwardOptions(outputHiddenStates, outputAttentions, interpolatePosEncoding));
        report.ran();
      }
      Map<String, String> metadata = new LinkedHashMap<>();
      metadata.put("model", files.name());
      metadata.put("backend", taskModel.model().info().toString());
      summary.write(spec.commandLine().getOut(), outputs, results, metadata);
      if (verbose) {
        report.print(spec.commandLine().getErr(), taskModel, files);
      }
    }
    return 0;
  }
}
