package io.github.vit4j.conformance.faults;

import io.github.vit4j.config.ImageSize;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.conformance.Requirement;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.ParameterNames.LayerPart;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Backends whose sessions compute rightly, but do not behave. */
final class WrongManners {
  /** Long enough for another thread to come in between. */
  private static final long PAUSE_MILLIS = 20;

  /** Well over a quarter of the run that a session is closed in. */
  private static final long LINGERING_MILLIS = 500;

  private WrongManners() {}

  static List<Fault> all() {
    return List.of(
        runs("one buffer for all callers", Requirement.CONCURRENT_CALLERS, WrongManners::oneBuffer),
        runs(
            "the first batch size kept", Requirement.CHANGING_INPUTS, WrongManners::firstBatchSize),
        runs(
            "the first image size kept", Requirement.CHANGING_INPUTS, WrongManners::firstImageSize),
        runs("the first outputs kept", Requirement.CHANGING_INPUTS, WrongManners::firstOutputs),
        runs(
            "wrong inputs answered",
            Requirement.INVALID_INPUTS,
            (model, correct) -> inputs -> answeringAnything(model, correct, inputs)),
        runs(
            "wrong inputs answered with another exception",
            Requirement.INVALID_INPUTS,
            (model, correct) ->
                inputs -> {
                  try {
                    return correct.run(inputs);
                  } catch (InvalidInputException e) {
                    throw new IllegalArgumentException(e.getMessage(), e);
                  }
                }),
        runs(
            "broken after wrong inputs",
            Requirement.INVALID_INPUTS,
            WrongManners::brokenAfterWrongInputs),
        new Fault(
            "usable after closing",
            Requirement.CLOSED_SESSION,
            AlteredBackend.ofSessions(
                (model, correct) -> new AlteredSession(correct, correct::run, () -> {}))),
        new Fault(
            "an error when closed twice",
            Requirement.CLOSED_SESSION,
            AlteredBackend.ofSessions((model, correct) -> closedOnce(correct))),
        new Fault(
            "closing does not wait",
            Requirement.CLOSE_WAITS,
            AlteredBackend.ofSessions((model, correct) -> closedAtOnce(correct))),
        new Fault(
            "closing does not wait, and nobody notices",
            Requirement.CLOSE_WAITS,
            AlteredBackend.ofSessions((model, correct) -> closedUnnoticed(correct)),
            "still under way"),
        new Fault(
            "closing breaks off what is under way",
            Requirement.CLOSE_WAITS,
            AlteredBackend.ofSessions((model, correct) -> breakingOff(correct)),
            "broke off"),
        new Fault(
            "a thread of every session left behind",
            Requirement.MEMORY_OF_SESSIONS,
            AlteredBackend.ofSessions(
                (model, correct) -> {
                  Thread.ofPlatform().daemon().start(WrongManners::sleepForEver);
                  return correct;
                }),
            "25 threads"),
        runs(
            "the last hidden state of every run kept",
            Requirement.MEMORY_OF_RUNS,
            (model, correct) ->
                inputs -> {
                  ViTOutputs outputs = correct.run(inputs);
                  lose(Objects.requireNonNull(outputs.lastHiddenState()));
                  return outputs;
                }),
        runs(
            "the pixels of every run kept",
            Requirement.MEMORY_OF_RUNS,
            WrongManners::keepingMemory),
        new Fault(
            "weights of every session kept",
            Requirement.MEMORY_OF_SESSIONS,
            keepingMemoryOfSessions()));
  }

  private static Fault runs(String name, Requirement caughtBy, AlteredBackend.Runs runs) {
    return new Fault(name, caughtBy, AlteredBackend.ofRuns(runs));
  }

  private static Function<ViTInputs, ViTOutputs> oneBuffer(
      ModelDefinition model, ViTSession correct) {
    AtomicInteger callers = new AtomicInteger();
    return inputs -> {
      boolean overwritten = callers.getAndIncrement() > 0;
      try {
        pause();
        ViTOutputs outputs = correct.run(inputs);
        return overwritten
            ? Edits.mapped(outputs, (output, tensor) -> Edits.mapped(tensor, x -> 0))
            : outputs;
      } finally {
        callers.getAndDecrement();
      }
    };
  }

  /** Images beyond the first batch's size are not computed. */
  private static Function<ViTInputs, ViTOutputs> firstBatchSize(
      ModelDefinition model, ViTSession correct) {
    List<ViTInputs> runs = new CopyOnWriteArrayList<>();
    return inputs -> {
      ViTOutputs outputs = correct.run(inputs);
      runs.add(inputs);
      int computed = Math.min(runs.getFirst().batchSize(), inputs.batchSize());
      return Edits.mapped(
          outputs,
          (output, tensor) -> {
            Tensor result = Tensor.allocate(ElementType.FLOAT32, tensor.shape());
            result.slice(0, computed).data().copyFrom(tensor.slice(0, computed).data());
            return result;
          });
    };
  }

  private static Function<ViTInputs, ViTOutputs> firstImageSize(
      ModelDefinition model, ViTSession correct) {
    List<ViTInputs> runs = new CopyOnWriteArrayList<>();
    return inputs -> {
      inputs.checkAgainst(model);
      runs.add(inputs);
      ImageSize first = runs.getFirst().imageSize();
      if (!inputs.imageSize().equals(first)) {
        throw new BackendException("the graph was built for images of " + first);
      }
      return correct.run(inputs);
    };
  }

  private static Function<ViTInputs, ViTOutputs> firstOutputs(
      ModelDefinition model, ViTSession correct) {
    List<ViTInputs> runs = new CopyOnWriteArrayList<>();
    return inputs -> {
      inputs.checkAgainst(model);
      runs.add(inputs);
      return correct.run(Edits.asking(inputs, runs.getFirst().outputs()));
    };
  }

  /** What fits is computed of an image of zeros where the given one does not. */
  private static ViTOutputs answeringAnything(
      ModelDefinition model, ViTSession correct, ViTInputs inputs) {
    try {
      return correct.run(inputs);
    } catch (InvalidInputException e) {
      ViTConfig config = model.config();
      Tensor zeros =
          Tensor.allocate(
              ElementType.FLOAT32,
              1,
              config.numChannels(),
              config.imageSize().height(),
              config.imageSize().width());
      return correct.run(new ViTInputs(zeros, null, false, Set.of(Output.LAST_HIDDEN_STATE)));
    }
  }

  private static Function<ViTInputs, ViTOutputs> brokenAfterWrongInputs(
      ModelDefinition model, ViTSession correct) {
    AtomicBoolean broken = new AtomicBoolean();
    return inputs -> {
      try {
        inputs.checkAgainst(model);
      } catch (InvalidInputException e) {
        broken.set(true);
        throw e;
      }
      if (broken.get()) {
        throw new BackendException("the engine is in a wrong state");
      }
      return correct.run(inputs);
    };
  }

  private static ViTSession closedOnce(ViTSession correct) {
    AtomicBoolean closed = new AtomicBoolean();
    return new AlteredSession(
        correct,
        correct::run,
        () -> {
          if (closed.getAndSet(true)) {
            throw new IllegalStateException("closed already");
          }
          correct.close();
        });
  }

  /** Runs under way find their memory gone. */
  private static ViTSession closedAtOnce(ViTSession correct) {
    AtomicBoolean closed = new AtomicBoolean();
    return new AlteredSession(
        correct,
        inputs -> {
          if (closed.get()) {
            throw new IllegalStateException("this session is closed");
          }
          ViTOutputs outputs = correct.run(inputs);
          pause();
          if (closed.get()) {
            throw new BackendException("the engine's memory is gone");
          }
          return outputs;
        },
        () -> closed.set(true));
  }

  /** Runs go on, as in an engine that counts its users; long enough for a busy machine. */
  private static ViTSession closedUnnoticed(ViTSession correct) {
    AtomicBoolean closed = new AtomicBoolean();
    return new AlteredSession(
        correct,
        inputs -> {
          if (closed.get()) {
            throw new IllegalStateException("this session is closed");
          }
          ViTOutputs outputs = correct.run(inputs);
          pause(); // or it might be over before it is closed
          if (closed.get()) {
            pause(LINGERING_MILLIS);
          }
          return outputs;
        },
        () -> closed.set(true));
  }

  private static ViTSession breakingOff(ViTSession correct) {
    AtomicBoolean closed = new AtomicBoolean();
    return new AlteredSession(
        correct,
        inputs -> {
          ViTOutputs outputs = correct.run(inputs);
          pause();
          if (closed.get()) {
            throw new IllegalStateException("this session is closed");
          }
          return outputs;
        },
        () -> closed.set(true));
  }

  private static void sleepForEver() {
    try {
      Thread.sleep(Long.MAX_VALUE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Function<ViTInputs, ViTOutputs> keepingMemory(
      ModelDefinition model, ViTSession correct) {
    return inputs -> {
      lose(inputs.pixelValues());
      return correct.run(inputs);
    };
  }

  private static AlteredBackend keepingMemoryOfSessions() {
    return new AlteredBackend(
        (model, options) -> {
          for (LayerPart part : List.of(LayerPart.INTERMEDIATE, LayerPart.OUTPUT)) {
            lose(Objects.requireNonNull(model.weight(part.weight(0))).tensor());
          }
          return AlteredBackend.CORRECT.open(model, options);
        });
  }

  /** For good: what is released later would be used again, and so hide the next loss. */
  private static void lose(Tensor tensor) {
    Tensor copy = Tensor.allocate(Arena.global(), tensor.elementType(), tensor.shape());
    copy.data().copyFrom(tensor.data());
  }

  private static void pause() {
    pause(PAUSE_MILLIS);
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
