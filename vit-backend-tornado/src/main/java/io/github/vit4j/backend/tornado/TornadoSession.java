package io.github.vit4j.backend.tornado;

import io.github.vit4j.error.BackendException;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.ModelSource;
import io.github.vit4j.spi.RunGate;
import io.github.vit4j.spi.SessionInfo;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.Weight;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * A model on a device. Callers wait for each other: one run takes all threads, and TornadoVM must
 * not be called by two at a time.
 */
final class TornadoSession implements ViTSession {
  private static final long MEGABYTE = 1L << 20;

  private final ModelDefinition model;
  private final SessionInfo info;
  private final PassExecutor executor;
  private final PassCache passes;
  private final ReentrantLock running = new ReentrantLock(true);
  private final RunGate gate = new RunGate();

  private TornadoSession(
      ModelDefinition model, SessionInfo info, PassExecutor executor, PassCache passes) {
    this.model = model;
    this.info = info;
    this.executor = executor;
    this.passes = passes;
  }

  /**
   * Loads the weights.
   *
   * @throws BackendException if they do not fit the heap, or were changed meanwhile
   */
  static TornadoSession open(
      ModelDefinition model, SessionInfo info, Supplier<PassExecutor> executors) {
    PackedWeights weights;
    PositionTable positions;
    try {
      weights = WeightPacker.pack(model);
      positions = new PositionTable(model);
    } catch (OutOfMemoryError e) {
      throw outOfMemory("the weights of this model", heapFor(model), e);
    } catch (ArithmeticException e) {
      throw new BackendException(
          "a layer of this model has more weights than a Java array can hold; choose another backend",
          e);
    }
    PassExecutor executor;
    try {
      executor = executors.get();
    } catch (OutOfMemoryError e) {
      throw new BackendException(
          "no memory for %d threads; ask for fewer".formatted(info.threads()), e);
    }
    return new TornadoSession(
        model, info, executor, new PassCache(model, weights, positions, executor));
  }

  @Override
  public ViTOutputs run(ViTInputs inputs) {
    return gate.run(
        () -> {
          inputs.checkAgainst(model);
          running.lock();
          try {
            return computeWithRoom(inputs);
          } catch (DeviceMemoryException e) {
            throw e.forCallers();
          } catch (OutOfMemoryError e) {
            throw outOfMemory(
                "a run on " + inputs.pixelValues(), 2 * Runtime.getRuntime().maxMemory(), e);
          } catch (ArithmeticException e) {
            throw new BackendException(
                "%s needs an array larger than Java has; run fewer or smaller images at a time"
                    .formatted(inputs.pixelValues()),
                e);
          } finally {
            running.unlock();
          }
        });
  }

  /** Passes that are kept may take the memory that this run needs. */
  private ViTOutputs computeWithRoom(ViTInputs inputs) {
    boolean alone = passes.isEmpty();
    try {
      return computeOrForget(inputs);
    } catch (OutOfMemoryError | DeviceMemoryException e) {
      if (alone) {
        throw e;
      }
      return computeOrForget(inputs);
    }
  }

  /**
   * After a failure no pass is used again: nobody knows how much of it was done, and their memory
   * may be what the next run needs.
   */
  private ViTOutputs computeOrForget(ViTInputs inputs) {
    try {
      return compute(inputs);
    } catch (RuntimeException | Error e) {
      try {
        passes.close();
      } catch (RuntimeException closing) {
        e.addSuppressed(closing);
      }
      throw e;
    }
  }

  private ViTOutputs compute(ViTInputs inputs) {
    OutputTensors outputs = new OutputTensors(model, inputs);
    int tokens =
        Math.addExact(
            Math.multiplyExact(
                inputs.patchRows(model.config()), inputs.patchColumns(model.config())),
            1);
    int batch = inputs.batchSize();
    int atATime = Math.clamp(executor.rowsAtATime() / tokens, 1, batch);
    for (int first = 0; first < batch; first += atATime) {
      int images = Math.min(atATime, batch - first);
      PassCache.Entry entry = passes.get(inputs, images);
      put(inputs, first, images, entry);
      entry.prepared().run();
      for (ForwardPass.Result result : entry.pass().results()) {
        outputs.put(result, first, entry.prepared().contents(result.buffer()));
      }
    }
    return outputs.toOutputs();
  }

  private static void put(ViTInputs inputs, int first, int images, PassCache.Entry entry) {
    MemorySegment pixels = inputs.pixelValues().slice(first, images).data();
    float[] target = entry.prepared().contents(entry.pass().pixels());
    MemorySegment.copy(pixels, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, target, 0, target.length);
    Tensor mask = inputs.boolMaskedPos();
    if (mask != null && entry.pass().mask() != null) {
      float[] masked = entry.prepared().contents(entry.pass().mask());
      Tensor slice = mask.slice(first, images);
      for (int i = 0; i < masked.length; i++) {
        masked[i] = slice.getBoolean(i) ? 1 : 0;
      }
    }
  }

  /** A heap that holds the weights and leaves room for runs, in bytes. */
  private static long heapFor(ModelDefinition model) {
    long elements = 0;
    for (Weight weight : ((ModelSource.Weights) model.source()).byName().values()) {
      elements += weight.tensor().elementCount();
    }
    return 256 * MEGABYTE + elements * Float.BYTES * 5 / 4;
  }

  private static BackendException outOfMemory(String what, long heap, OutOfMemoryError cause) {
    return new BackendException(
        "%s: not enough memory on the JVM's heap of %d MB; start it with -Xmx%dm or more"
            .formatted(what, Runtime.getRuntime().maxMemory() / MEGABYTE, heap / MEGABYTE),
        cause);
  }

  @Override
  public SessionInfo info() {
    return info;
  }

  @Override
  public void close() {
    gate.close(
        () -> {
          passes.close();
          executor.close();
        });
  }
}
