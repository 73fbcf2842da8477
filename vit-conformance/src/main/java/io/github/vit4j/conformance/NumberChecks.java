package io.github.vit4j.conformance;

import static io.github.vit4j.conformance.Checks.measuring;

import io.github.vit4j.ForwardOptions;
import io.github.vit4j.LoadOptions;
import io.github.vit4j.ViTForImageClassification;
import io.github.vit4j.ViTForMaskedImageModeling;
import io.github.vit4j.runtime.BackendRegistry;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Groups 2 to 5: the numbers of every reference case. */
final class NumberChecks {
  private static final String LOSS = "loss";

  private final Subject subject;

  private NumberChecks(Subject subject) {
    this.subject = subject;
  }

  static List<Check> of(Subject subject) {
    return new NumberChecks(subject).all();
  }

  private List<Check> all() {
    List<Check> checks = new ArrayList<>();
    for (ReferenceCase reference : ReferenceCases.all()) {
      for (ReferenceRun run : reference.runs()) {
        String name = reference.name() + ": " + run.name();
        checks.add(
            measuring(
                run.requirement(),
                name,
                run.requirement() == Requirement.LOSSES
                    ? () -> loss(reference, run)
                    : () -> numbers(reference.model(), run)));
      }
    }
    for (String name : List.of("classifier", "model_with_pooler", "masked")) {
      ReferenceCase reference = ReferenceCases.named(name);
      for (ReferenceRun run : reference.runs()) {
        if (run.requirement() != Requirement.LOSSES) {
          checks.add(
              measuring(
                  Requirement.WEIGHTS_IN_MEMORY,
                  name + ": " + run.name(),
                  () -> numbers(reference.modelInMemory(), run)));
        }
      }
    }
    for (ReferenceCase reference : ReferenceCases.fullSize()) {
      checks.add(measuring(Requirement.FULL_SIZE, reference.name(), () -> fullSize(reference)));
    }
    return checks;
  }

  private List<Measurement> numbers(ModelDefinition model, ReferenceRun run) {
    try (ViTSession session = Checks.open(subject, model)) {
      return Checks.compare(subject, session.run(run.inputs()), run.expected());
    }
  }

  /** Through the class that a user calls, from the directory that {@code save_pretrained} wrote. */
  private List<Measurement> loss(ReferenceCase reference, ReferenceRun run) {
    LoadOptions options =
        LoadOptions.defaults()
            .withRegistry(BackendRegistry.of(List.of(subject.provider())))
            .withBackend(subject.provider().name())
            .withDevice(subject.device())
            .withPrecision(subject.precision())
            .withThreads(Checks.THREADS);
    ViTInputs inputs = run.inputs();
    ForwardOptions forward =
        ForwardOptions.defaults().withInterpolatePosEncoding(inputs.interpolatePosEncoding());
    Float loss =
        switch (reference.architecture()) {
          case VIT_FOR_IMAGE_CLASSIFICATION -> {
            try (var model =
                ViTForImageClassification.fromPretrained(reference.directory(), options)) {
              yield model.forward(inputs.pixelValues(), run.labels(), forward).loss();
            }
          }
          case VIT_FOR_MASKED_IMAGE_MODELING -> {
            try (var model =
                ViTForMaskedImageModeling.fromPretrained(reference.directory(), options)) {
              yield model.forward(inputs.pixelValues(), inputs.boolMaskedPos(), forward).loss();
            }
          }
          case VIT_MODEL -> throw new IllegalStateException(reference + " has no loss");
        };
    if (loss == null) {
      throw Checks.notConforming("no loss was computed");
    }
    return Checks.compare(
        subject,
        Map.of(LOSS, Tensor.scalar(loss)),
        run.expected().stream().filter(tensor -> tensor.name().equals(LOSS)).toList());
  }

  private List<Measurement> fullSize(ReferenceCase reference) throws IOException {
    try (TemporaryDirectory directory = new TemporaryDirectory("vit4j-" + reference.name())) {
      checkRoom(reference, directory.path());
      reference.writeTo(directory.path());
      ModelDefinition model = ReferenceCase.definition(directory.path(), reference.architecture());
      List<Measurement> measurements = new ArrayList<>();
      try (ViTSession session = Checks.open(subject, model)) {
        for (ReferenceRun run : reference.runs()) {
          measurements.addAll(Checks.compare(subject, session.run(run.inputs()), run.expected()));
        }
      }
      return measurements;
    }
  }

  /** Nobody learns anything about a backend from a machine that is too small. */
  private static void checkRoom(ReferenceCase reference, Path directory) throws IOException {
    long weights = reference.byteSize();
    long disk = Files.getFileStore(directory).getUsableSpace();
    if (disk < weights + weights / 8) {
      throw new Checks.NotJudged(
          "%s has %d MB free, the weights take %d MB"
              .formatted(directory, disk >> 20, weights >> 20));
    }
    OptionalLong memory = ProcessMemory.available();
    // The weights as they lie in the file, the engine's own copy, and what it works with.
    if (memory.isPresent() && memory.getAsLong() < 2 * weights + (1L << 30)) {
      throw new Checks.NotJudged(
          "%d MB of memory are available, the weights take %d MB and an engine's copy as much"
              .formatted(memory.getAsLong() >> 20, weights >> 20));
    }
  }
}
