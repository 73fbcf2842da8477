package io.github.vit4j.conformance;

import io.github.vit4j.error.BackendException;
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
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** What the checks have in common. */
@SuppressWarnings("AnnotateFormatMethod") // would need Error Prone's annotations at run time
final class Checks {
  /** Few, so that a small machine really has them; not one, so that work is really divided. */
  static final int THREADS = 2;

  /** After so long something is taken to hang. */
  private static final long PATIENCE_SECONDS = 300;

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

  @SuppressWarnings({
    "CatchingUnchecked",
    "ThreadJoinLoop"
  }) // whatever a backend throws is a result
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
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Outcome.Skipped("interrupted");
    } catch (Exception | LinkageError | OutOfMemoryError | StackOverflowError | AssertionError e) {
      return new Outcome.Failed("threw " + describe(e), List.of());
    }
  }

  /** On one line, with the class where the message alone might say nothing. */
  static String describe(Throwable e) {
    String message =
        e.getMessage() == null ? "" : String.join(" ", e.getMessage().lines().toList());
    return e instanceof BackendException
        ? message
        : e.getClass().getSimpleName() + (message.isEmpty() ? "" : ": " + message);
  }

  static NotConforming notConforming(String message, Object... arguments) {
    return new NotConforming(message.formatted(arguments), List.of());
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
   * @throws NotJudged if PyTorch's loss is not known for any of them in this precision
   */
  static List<Measurement> compare(
      Subject subject, ViTOutputs outputs, List<ExpectedTensor> expected) {
    Map<String, Tensor> actual = NamedOutputs.of(outputs);
    List<Measurement> measurements = new ArrayList<>();
    List<String> wrong = new ArrayList<>();
    for (ExpectedTensor tensor : expected) {
      Tensor found = actual.get(tensor.name());
      if (found == null) {
        wrong.add("%s was asked for and is missing".formatted(tensor.name()));
        continue;
      }
      tensor
          .compare(found, subject.precision())
          .ifPresent(
              measurement -> {
                measurements.add(measurement);
                if (!measurement.agrees()) {
                  wrong.add(
                      "%s: %s; allowed are %.1e"
                          .formatted(tensor, tensor.difference(found), measurement.tolerance()));
                }
              });
    }
    if (!wrong.isEmpty()) {
      throw new NotConforming(
          wrong.getFirst()
              + (wrong.size() == 1 ? "" : " (and %d more tensors)".formatted(wrong.size() - 1)),
          measurements);
    }
    if (measurements.isEmpty()) {
      throw new NotJudged(
          "PyTorch has no %s result to compare with".formatted(subject.precision()));
    }
    return measurements;
  }

  /** Waits for work of other threads; what they threw is thrown here. */
  static void await(Future<?> future) throws InterruptedException {
    try {
      future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw notConforming("not done after %d seconds: it seems to hang", PATIENCE_SECONDS);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }

  /** Waits until {@code condition} holds, but not for ever. */
  static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.getAsBoolean()) {
      require(
          System.nanoTime() < end, "not done after %d seconds: it seems to hang", PATIENCE_SECONDS);
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }
}
