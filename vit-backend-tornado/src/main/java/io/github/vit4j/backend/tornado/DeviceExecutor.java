package io.github.vit4j.backend.tornado;

import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.OneLine;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/**
 * A device of TornadoVM. Every forward pass is one graph of tasks with its own copy of the weights
 * on the device, brought there before its first run: TornadoVM shares device memory only between
 * graphs that are put together from the start.
 */
final class DeviceExecutor implements PassExecutor {
  private static final String GRAPH = "vit";

  /**
   * All calls of TornadoVM come from this thread: it keeps state for all plans of the process that
   * two threads must not change, and a queue of commands per thread and device, so that what one
   * thread has put on the device another does not see in time.
   */
  private static final ExecutorService TORNADO =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("vit4j-tornado").factory());

  /** The escape character itself is gone by then. */
  private static final Pattern COLOUR = Pattern.compile("\\[\\d+(;\\d+)*m");

  private static final long GIGABYTE = 1L << 30;

  /**
   * A pass is compiled for its own number of images, size and outputs, which takes seconds; as many
   * are kept as a session may ask for in turn.
   */
  private static final int PASSES = 32;

  /** Of the memory that TornadoVM may use on a device; the rest is for other sessions. */
  private static final int SHARE = 2;

  private final TornadoDevice device;
  private final String name;
  private final KernelFamily family;

  DeviceExecutor(TornadoDevice device, String name, KernelFamily family) {
    this.device = device;
    this.name = name;
    this.family = family;
  }

  @Override
  public PreparedPass prepare(ForwardPass pass) {
    return onItsThread("prepare", 0, () -> new Plan(pass));
  }

  @Override
  public int rowsAtATime() {
    return Integer.MAX_VALUE;
  }

  @Override
  public int passesToKeep() {
    return PASSES;
  }

  @Override
  public long bytesToKeep() {
    return device.getMemoryProvider().getHeapSize() / SHARE;
  }

  @Override
  public void close() {}

  /** What TornadoVM throws is of many kinds, errors among them. */
  private <T> T onItsThread(String what, long bytes, Supplier<T> action) {
    Future<T> result = TORNADO.submit(action::get);
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return result.get();
        } catch (InterruptedException e) {
          interrupted = true; // the device cannot be stopped
        }
      }
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      switch (cause) {
        case OutOfMemoryError heap -> throw heap;
        case BackendException known -> throw known;
        default -> {
          BackendException failure = failure(what, bytes, cause);
          throw isOutOfMemory(cause) ? new DeviceMemoryException(failure) : failure;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private BackendException failure(String what, long bytes, Throwable cause) {
    String reason = reason(cause);
    if (isOutOfMemory(cause)) {
      return new BackendException(
          "%s on %s needs %d MB of device memory, which TornadoVM does not give; start the JVM with -Dtornado.device.memory=%dGB or more, or run fewer images at a time (%s)"
              .formatted(what, name, Math.ceilDiv(bytes, 1L << 20), gigabytes(bytes), reason),
          cause);
    }
    return new BackendException(
        "TornadoVM failed to %s a forward pass on %s with kernels for a %s: %s"
            .formatted(what, name, family.name(), reason),
        cause);
  }

  /** TornadoVM colours what it says. */
  static String reason(Throwable cause) {
    return COLOUR.matcher(OneLine.reason(cause)).replaceAll("");
  }

  /** Room for another pass of that size. */
  private static long gigabytes(long bytes) {
    return Math.ceilDiv(Math.max(bytes, 1) * SHARE, GIGABYTE);
  }

  static boolean isOutOfMemory(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String text = cause.getClass().getSimpleName() + " " + cause.getMessage();
      String lower = text.toLowerCase(Locale.ROOT);
      if (lower.contains("outofmemory")
          || lower.contains("tornado.device.memory")
          || lower.contains("unable to allocate")
          || lower.contains("mem_object_allocation_failure")) {
        return true;
      }
    }
    return false;
  }

  /** A graph on the device. */
  private final class Plan implements PreparedPass {
    private final PassArrays arrays;
    private final Map<Buffer, float[]> visible = new HashMap<>();
    private final TornadoExecutionPlan plan;
    private boolean closed;

    Plan(ForwardPass pass) {
      this.arrays = new PassArrays(pass.steps());
      TaskGraph graph = new TaskGraph(GRAPH);
      GridScheduler grids = new GridScheduler();
      Buffer[] inputs =
          pass.mask() == null
              ? new Buffer[] {pass.pixels()}
              : new Buffer[] {pass.pixels(), pass.mask()};
      for (Buffer input : inputs) {
        visible.put(input, arrays.of(input));
      }
      graph.transferToDevice(
          DataTransferMode.EVERY_EXECUTION, Arrays.stream(inputs).map(arrays::of).toArray());
      graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, arrays.residents(inputs));
      int index = 0;
      for (Step step : pass.steps()) {
        family.add(step, new KernelFamily.Target(graph, grids, GRAPH, "step" + index++, arrays));
      }
      for (ForwardPass.Result result : pass.results()) {
        visible.put(result.buffer(), arrays.of(result.buffer()));
      }
      graph.transferToHost(
          DataTransferMode.EVERY_EXECUTION,
          pass.results().stream()
              .map(ForwardPass.Result::buffer)
              .distinct()
              .map(arrays::of)
              .toArray());
      this.plan = new TornadoExecutionPlan(graph.snapshot());
      plan.withDevice(device);
      plan.withGridScheduler(grids);
      plan.withCompilerFlags(TornadoVMBackendType.OPENCL, family.compilerFlags());
    }

    @Override
    public float[] contents(Buffer buffer) {
      float[] array = visible.get(buffer);
      if (array == null) {
        throw new IllegalArgumentException(buffer + " is neither an input nor a result");
      }
      return array;
    }

    @Override
    public long bytes() {
      return arrays.bytes();
    }

    @Override
    public void run() {
      onItsThread("run", arrays.bytes(), plan::execute);
    }

    @Override
    public void close() {
      onItsThread(
          "close",
          0,
          () -> {
            if (!closed) {
              closed = true;
              plan.freeDeviceMemory();
            }
            return plan;
          });
    }
  }
}
