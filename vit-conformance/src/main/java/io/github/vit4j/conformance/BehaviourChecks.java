package io.github.vit4j.conformance;

import static io.github.vit4j.conformance.Checks.asking;
import static io.github.vit4j.conformance.Checks.finding;
import static io.github.vit4j.conformance.Checks.measuring;
import static io.github.vit4j.conformance.Checks.notConforming;
import static io.github.vit4j.conformance.Checks.require;

import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.ModelSource;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.OutputShapes;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.ParameterNames;
import io.github.vit4j.weights.Weight;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Group 6 but for threads, closing and memory, and what groups 3 and 5 ask beside numbers. */
final class BehaviourChecks {
  /** One of each class, with runs that ask for everything. */
  private static final List<String> MODELS = List.of("classifier", "model_with_pooler", "masked");

  private static final int REPEATS = 5;

  private final Subject subject;

  private BehaviourChecks(Subject subject) {
    this.subject = subject;
  }

  static List<Check> of(Subject subject) {
    return new BehaviourChecks(subject).all();
  }

  private List<Check> all() {
    List<Check> checks = new ArrayList<>();
    checks.add(
        finding(Requirement.FOREIGN_MEMORY, "pixels and mask on the heap", this::takesHeapMemory));
    checks.add(
        finding(
            Requirement.FOREIGN_MEMORY,
            "pixels and mask that only their thread may read",
            this::takesConfinedMemory));
    checks.add(
        finding(Requirement.FOREIGN_MEMORY, "a slice of a larger tensor", this::takesSlices));
    for (String name : MODELS) {
      ReferenceCase reference = ReferenceCases.named(name);
      checks.add(finding(Requirement.WEIGHTS_UNCHANGED, name, () -> leavesWeightsAlone(reference)));
      for (Set<Output> outputs : subsets(reference.model().outputs())) {
        checks.add(
            measuring(
                Requirement.ONLY_WHAT_WAS_ASKED,
                name + ": " + outputs,
                () -> handsOutOnly(reference, outputs)));
      }
      checks.add(
          finding(
              Requirement.OUTPUTS_ARE_THE_CALLERS,
              name + ": outputs stay",
              () -> outputsStay(reference)));
      checks.add(
          finding(
              Requirement.OUTPUTS_ARE_THE_CALLERS,
              name + ": inputs stay",
              () -> inputsStay(reference)));
      checks.add(finding(Requirement.DETERMINISM, name, () -> repeats(reference)));
      checks.add(
          measuring(
              Requirement.CHANGING_INPUTS,
              name + ": every set of outputs, one after the other",
              () -> servesAllSets(reference)));
    }
    for (String name :
        List.of("classifier", "model_with_pooler", "masked", "model_with_mask_token", "float16")) {
      checks.add(
          measuring(
              Requirement.CHANGING_INPUTS,
              name + ": all runs, there and back",
              () -> servesAllRuns(ReferenceCases.named(name))));
    }
    checks.add(
        measuring(
            Requirement.SEVERAL_SESSIONS,
            "two models of one configuration",
            this::keepsSessionsApart));
    return checks;
  }

  private static List<Set<Output>> subsets(Set<Output> outputs) {
    List<Set<Output>> subsets = new ArrayList<>();
    List<Output> list = List.copyOf(outputs);
    for (int bits = 1; bits < 1 << list.size(); bits++) {
      Set<Output> subset = EnumSet.noneOf(Output.class);
      for (int i = 0; i < list.size(); i++) {
        if ((bits >> i & 1) == 1) {
          subset.add(list.get(i));
        }
      }
      subsets.add(subset);
    }
    return subsets;
  }

  /** The run that asks for everything that the model has. */
  static ReferenceRun everything(ReferenceCase reference) {
    Set<Output> all = reference.model().outputs();
    return reference.runs().stream()
        .filter(run -> run.requirement() != Requirement.LOSSES)
        .filter(run -> run.inputs().outputs().equals(all))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(reference.name() + " has no such run"));
  }

  private List<Measurement> handsOutOnly(ReferenceCase reference, Set<Output> outputs) {
    try (ViTSession session = Checks.open(subject, reference.model())) {
      return handsOutOnly(session, reference, outputs);
    }
  }

  private List<Measurement> servesAllSets(ReferenceCase reference) {
    List<Measurement> measurements = new ArrayList<>();
    try (ViTSession session = Checks.open(subject, reference.model())) {
      for (Set<Output> outputs : subsets(reference.model().outputs())) {
        measurements.addAll(handsOutOnly(session, reference, outputs));
      }
    }
    return measurements;
  }

  private List<Measurement> handsOutOnly(
      ViTSession session, ReferenceCase reference, Set<Output> outputs) {
    ReferenceRun run = everything(reference);
    ViTInputs inputs = asking(run.inputs(), outputs);
    ViTOutputs results = session.run(inputs);
    Map<String, Tensor> named = NamedOutputs.of(results);
    Set<String> wanted = names(reference.config(), outputs);
    require(named.keySet().equals(wanted), "asked for %s, got %s", wanted, named.keySet());
    for (Output output : outputs) {
      long[] shape = OutputShapes.of(reference.model(), inputs, output);
      for (String name : names(reference.config(), Set.of(output))) {
        Tensor tensor = named.get(name);
        require(
            tensor != null && tensor.hasShape(shape) && tensor.elementType() == ElementType.FLOAT32,
            "%s is %s, expected float32%s",
            name,
            String.valueOf(tensor),
            Tensor.shapeToString(shape));
      }
    }
    return Checks.compare(
        subject,
        results,
        run.expected().stream().filter(tensor -> wanted.contains(tensor.name())).toList());
  }

  private static Set<String> names(ViTConfig config, Set<Output> outputs) {
    Set<String> names = new LinkedHashSet<>();
    for (Output output : outputs) {
      switch (output) {
        case LOGITS, LAST_HIDDEN_STATE, POOLER_OUTPUT, RECONSTRUCTION ->
            names.add(output.toString());
        case HIDDEN_STATES, ATTENTIONS -> {
          for (int i = 0; i < OutputShapes.count(config, output); i++) {
            names.add(output + "." + i);
          }
        }
      }
    }
    return names;
  }

  private void outputsStay(ReferenceCase reference) {
    ReferenceRun run = everything(reference);
    ViTInputs other = negated(run.inputs());
    Map<String, Tensor> first;
    Map<String, byte[]> before;
    try (ViTSession session = Checks.open(subject, reference.model())) {
      first = NamedOutputs.of(session.run(run.inputs()));
      before = bytes(first);
      for (int i = 0; i < REPEATS; i++) {
        session.run(other);
      }
      requireSame(before, bytes(first), "a later run changed %s that had been handed out");
      // Scribbling over what was handed out must not show in what comes next.
      first.values().forEach(BehaviourChecks::scribble);
      Map<String, Tensor> second = NamedOutputs.of(session.run(run.inputs()));
      requireSame(before, bytes(second), "%s changed after the caller wrote into an earlier one");
      first = second;
    }
    requireSame(before, bytes(first), "closing changed %s that had been handed out");
  }

  private static void scribble(Tensor tensor) {
    tensor.data().fill((byte) 0x41);
  }

  private static ViTInputs negated(ViTInputs inputs) {
    return new ViTInputs(
        negated(inputs.pixelValues()),
        inputs.boolMaskedPos(),
        inputs.interpolatePosEncoding(),
        inputs.outputs());
  }

  private static Tensor negated(Tensor tensor) {
    float[] values = tensor.toFloatArray();
    for (int i = 0; i < values.length; i++) {
      values[i] = -values[i];
    }
    return Tensor.of(values, tensor.shape());
  }

  private void inputsStay(ReferenceCase reference) {
    ViTInputs inputs = everything(reference).inputs();
    Tensor pixels = inputs.pixelValues();
    Tensor copy = Tensor.of(pixels.toFloatArray(), pixels.shape());
    Tensor mask = inputs.boolMaskedPos();
    byte[] maskBefore = mask == null ? new byte[0] : bytes(mask);
    byte[] before = bytes(copy);
    try (ViTSession session = Checks.open(subject, reference.model())) {
      session.run(new ViTInputs(copy, mask, inputs.interpolatePosEncoding(), inputs.outputs()));
    }
    require(Arrays.equals(before, bytes(copy)), "pixel_values were changed");
    require(mask == null || Arrays.equals(maskBefore, bytes(mask)), "bool_masked_pos was changed");
  }

  private void repeats(ReferenceCase reference) {
    ViTInputs inputs = everything(reference).inputs();
    Map<String, byte[]> first = null;
    for (int opened = 0; opened < 2; opened++) {
      try (ViTSession session = Checks.open(subject, reference.model())) {
        for (int i = 0; i < REPEATS; i++) {
          Map<String, byte[]> now = bytes(NamedOutputs.of(session.run(inputs)));
          if (first == null) {
            first = now;
          } else {
            requireSame(first, now, "%s differs between runs on the same inputs");
          }
        }
      }
    }
  }

  static void requireSame(
      Map<String, byte[]> expected, Map<String, byte[]> actual, String complaint) {
    expected.forEach(
        (name, bytes) -> require(Arrays.equals(bytes, actual.get(name)), complaint, name));
  }

  static Map<String, byte[]> bytes(Map<String, Tensor> tensors) {
    Map<String, byte[]> copies = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> copies.put(name, bytes(tensor)));
    return copies;
  }

  private static byte[] bytes(Tensor tensor) {
    return tensor.data().toArray(ValueLayout.JAVA_BYTE);
  }

  private void takesHeapMemory() {
    takes(bytes -> MemorySegment.ofArray(bytes));
  }

  /** As in a method that allocates its inputs with try-with-resources. */
  private void takesConfinedMemory() {
    try (Arena arena = Arena.ofConfined()) {
      takes(bytes -> arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes));
    }
  }

  private void takes(Function<byte[], MemorySegment> memory) {
    ReferenceCase reference = ReferenceCases.named("model_with_mask_token");
    ViTInputs inputs = withMask(reference);
    Tensor mask = Objects.requireNonNull(inputs.boolMaskedPos());
    sameAs(reference, inputs, moved(inputs.pixelValues(), memory), moved(mask, memory));
  }

  private static Tensor moved(Tensor tensor, Function<byte[], MemorySegment> memory) {
    return Tensor.of(memory.apply(bytes(tensor)), tensor.elementType(), tensor.shape());
  }

  private static ViTInputs withMask(ReferenceCase reference) {
    return reference.runs().stream()
        .map(ReferenceRun::inputs)
        .filter(inputs -> inputs.boolMaskedPos() != null)
        .findFirst()
        .orElseThrow();
  }

  private void takesSlices() {
    ReferenceCase reference = ReferenceCases.named("classifier");
    ViTInputs inputs = everything(reference).inputs();
    Tensor pixels = inputs.pixelValues();
    float[] twice = new float[Math.toIntExact(2 * pixels.elementCount())];
    System.arraycopy(pixels.toFloatArray(), 0, twice, twice.length / 2, twice.length / 2);
    long[] shape = pixels.shape();
    shape[0] *= 2;
    sameAs(
        reference,
        inputs,
        Tensor.of(twice, shape).slice(pixels.dimension(0), pixels.dimension(0)),
        null);
  }

  private void sameAs(
      ReferenceCase reference, ViTInputs inputs, Tensor pixels, @Nullable Tensor mask) {
    ViTInputs moved =
        new ViTInputs(pixels, mask, inputs.interpolatePosEncoding(), inputs.outputs());
    try (ViTSession session = Checks.open(subject, reference.model())) {
      requireSame(
          bytes(NamedOutputs.of(session.run(inputs))),
          bytes(NamedOutputs.of(session.run(moved))),
          "%s differs from what native memory gives");
    }
  }

  private void leavesWeightsAlone(ReferenceCase reference) {
    ModelDefinition model = reference.modelInMemory();
    Map<String, Tensor> weights = new LinkedHashMap<>();
    ((ModelSource.Weights) model.source())
        .byName()
        .forEach((name, weight) -> weights.put(name, weight.tensor()));
    Map<String, byte[]> before = bytes(weights);
    try (ViTSession session = Checks.open(subject, model)) {
      session.run(everything(reference).inputs());
    }
    requireSame(before, bytes(weights), "the weight %s was changed");
  }

  private List<Measurement> servesAllRuns(ReferenceCase reference) {
    List<ReferenceRun> runs =
        reference.runs().stream().filter(run -> run.requirement() != Requirement.LOSSES).toList();
    List<Measurement> measurements = new ArrayList<>();
    try (ViTSession session = Checks.open(subject, reference.model())) {
      for (List<ReferenceRun> order : List.of(runs, runs.reversed())) {
        for (ReferenceRun run : order) {
          try {
            measurements.addAll(Checks.compare(subject, session.run(run.inputs()), run.expected()));
          } catch (Checks.NotConforming e) {
            throw notConforming("%s: %s", run.name(), String.valueOf(e.getMessage()));
          }
        }
      }
    }
    return measurements;
  }

  /** Same configuration, other numbers: the second classifier has the opposite sign. */
  private List<Measurement> keepsSessionsApart() {
    ReferenceCase reference = ReferenceCases.named("classifier");
    ReferenceRun run = everything(reference);
    ViTInputs inputs = asking(run.inputs(), Output.LOGITS);
    List<ExpectedTensor> logits =
        run.expected().stream()
            .filter(tensor -> tensor.name().equals(Output.LOGITS.toString()))
            .toList();
    List<Measurement> measurements = new ArrayList<>();
    ModelDefinition opposite = withOppositeClassifier(reference.modelInMemory());
    try (ViTSession second = Checks.open(subject, opposite)) {
      try (ViTSession first = Checks.open(subject, reference.modelInMemory())) {
        for (int i = 0; i < REPEATS; i++) {
          measurements.addAll(Checks.compare(subject, first.run(inputs), logits));
          measurements.addAll(
              Checks.compare(subject, withOppositeSign(second.run(inputs)), logits));
        }
      }
      // The first one is closed by now.
      try (ViTSession again = Checks.open(subject, reference.modelInMemory())) {
        measurements.addAll(Checks.compare(subject, again.run(inputs), logits));
        measurements.addAll(Checks.compare(subject, withOppositeSign(second.run(inputs)), logits));
      }
    }
    return measurements;
  }

  private static Map<String, Tensor> withOppositeSign(ViTOutputs outputs) {
    Map<String, Tensor> opposite = new LinkedHashMap<>();
    NamedOutputs.of(outputs).forEach((name, tensor) -> opposite.put(name, negated(tensor)));
    return opposite;
  }

  private static ModelDefinition withOppositeClassifier(ModelDefinition model) {
    Map<String, Weight> weights =
        new LinkedHashMap<>(((ModelSource.Weights) model.source()).byName());
    for (String name : List.of(ParameterNames.CLASSIFIER_WEIGHT, ParameterNames.CLASSIFIER_BIAS)) {
      weights.computeIfPresent(
          name,
          (key, weight) -> {
            return Weight.of(key, negated(weight.tensor()));
          });
    }
    return new ModelDefinition(
        model.config(), model.architecture(), new ModelSource.Weights(weights));
  }
}
