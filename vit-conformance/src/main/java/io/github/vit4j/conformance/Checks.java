package io.github.vit4j.conformance;

import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.OneLine;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** What the checks have in common. */
@SuppressWarnings("AnnotateFormatMethod") // would need Error Prone's annotations at run time
final class Checks {
  /** Few, so that a small machine really has them; not one, so that work is really divided. */
  static final int THREADS = 2;

  private Checks() {}

  /** What a check does; returns if the backend conforms. */
  interface Body {
    /**
     * Finds out.
     *
     * @return what was measured
     */
    List<Measurement> run() throws IOException, InterruptedException;
  }

  /** {@link Body}, where nothing is measured. */
  interface Finding {
    void run() throws IOException, InterruptedException;
  }

  /** Ends a check: the backend does not conform. */
  static final class NotConforming extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient List<Measurement> measurements;

    NotConforming(String message, List<Measurement> measurements) {
      super(message);
      this.measurements = measurements;
    }
  }

  /** Ends a check: it cannot be found out. */
  static final class NotJudged extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotJudged(String reason) {
      super(reason);
    }
  }

  static Check finding(Requirement requirement, String name, Finding finding) {
    return measuring(
        requirement,
        name,
        () -> {
          finding.run();
          return List.of();
        });
  }

  static Check measuring(Requirement requirement, String name, Body body) {
    return new Check(requirement, name, () -> outcome(requirement, body));
  }

  @SuppressWarnings("CatchingUnchecked") // whatever a backend throws is a result
  private static Outcome outcome(Requirement requirement, Body body) {
    try {
      return new Outcome.Passed(body.run());
    } catch (NotJudged e) {
      return new Outcome.Skipped(String.valueOf(e.getMessage()));
    } catch (NotConforming e) {
      return new Outcome.Failed(String.valueOf(e.getMessage()), e.measurements);
    } catch (BackendException e) {
      // The way in which a backend says that it cannot do something.
      return requirement.level() == Requirement.Level.OPTIONAL
          ? new Outcome.Skipped("the backend says: " + describe(e))
          : new Outcome.Failed("refused by the backend: " + describe(e), List.of());
    } catch (Throwable e) {
      return new Outcome.Failed("threw " + describe(e), List.of());
    }
  }

  /** On one line, with the class where the message alone might say nothing. */
  static String describe(Throwable e) {
    String message = OneLine.of(e);
    return e instanceof BackendException ? message : e.getClass().getSimpleName() + ": " + message;
  }

  static NotConforming notConforming(String message, Object... arguments) {
    return new NotConforming(String.format(Locale.ROOT, message, arguments), List.of());
  }

  /** Goes on only if {@code condition} holds. */
  static void require(boolean condition, String message, Object... arguments) {
    if (!condition) {
      throw notConforming(message, arguments);
    }
  }

  static ViTSession open(Subject subject, ModelDefinition model) {
    return subject.provider().open(model, options(subject));
  }

  static SessionOptions options(Subject subject) {
    return new SessionOptions(subject.device(), subject.precision(), THREADS, false);
  }

  /** The same pixels and mask, with other outputs asked for. */
  static ViTInputs asking(ViTInputs inputs, Set<Output> outputs) {
    return new ViTInputs(
        inputs.pixelValues(), inputs.boolMaskedPos(), inputs.interpolatePosEncoding(), outputs);
  }

  static ViTInputs asking(ViTInputs inputs, Output output) {
    return asking(inputs, EnumSet.of(output));
  }

  /**
   * Compares outputs with what is expected of them.
   *
   * @throws NotConforming if one does not agree
   * @throws NotJudged if PyTorch loses so much in this precision that nothing could be told
   */
  static List<Measurement> compare(
      Subject subject, ViTOutputs outputs, List<ExpectedTensor> expected) {
    return compare(subject, NamedOutputs.of(outputs), expected);
  }

  /** The same for tensors by name. */
  static List<Measurement> compare(
      Subject subject, Map<String, Tensor> actual, List<ExpectedTensor> expected) {
    List<Measurement> measurements = new ArrayList<>();
    List<String> wrong = new ArrayList<>();
    List<String> unknown = new ArrayList<>();
    for (ExpectedTensor tensor : expected) {
      Tensor found = actual.get(tensor.name());
      if (found == null) {
        wrong.add("%s was asked for and is missing".formatted(tensor.name()));
        continue;
      }
      Optional<Measurement> measured = tensor.compare(found, subject.precision());
      if (measured.isEmpty()) {
        unknown.add(tensor.name());
        continue;
      }
      Measurement measurement = measured.get();
      measurements.add(measurement);
      if (!measurement.agrees()) {
        TensorDifference difference = tensor.difference(found);
        wrong.add(
            difference.shapes().isEmpty()
                ? String.format(
                    Locale.ROOT,
                    "%s: %s; allowed are %.1e",
                    tensor,
                    difference,
                    measurement.tolerance())
                : "%s: %s".formatted(tensor, difference));
      }
    }
    if (!wrong.isEmpty()) {
      throw new NotConforming(
          wrong.getFirst()
              + (wrong.size() == 1 ? "" : " (and %d more tensors)".formatted(wrong.size() - 1)),
          measurements);
    }
    if (!unknown.isEmpty()) {
      throw new NotJudged(
          "PyTorch loses too much of %s in %s itself: nothing could be told"
              .formatted(String.join(", ", unknown), subject.precision()));
    }
    return measurements;
  }

  /** Waits for work of other threads; what they threw is thrown here. */
  static void await(Future<?> future) throws InterruptedException {
    try {
      future.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }
}
