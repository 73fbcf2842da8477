package io.github.vit4j.backend.tornado;

import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.OneLine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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
 * A device of TornadoVM. Every forward pass is a graph of tasks, or several where there are too
 * many tasks for one, with its own copy of the weights on the device, brought there before its
 * first run: TornadoVM shares device memory only between graphs that are put together from the
 * start.
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

  private static final int GRAPH_BYTES = 8192;
  private static final int TASK_BYTES = 15;
  private static final int PARAMETER_BYTES = 5;

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

  /**
   * Parts of a pass that fit a graph each: TornadoVM notes at most 8192 bytes about a graph's
   * tasks, 15 for each task and 5 for each of its parameters.
   */
  static List<List<Step>> parts(List<Step> steps) {
    List<List<Step>> parts = new ArrayList<>();
    int left = 0;
    for (Step step : steps) {
      int bytes = TASK_BYTES + PARAMETER_BYTES * parameters(step);
      if (bytes > left) {
        parts.add(new ArrayList<>());
        left = GRAPH_BYTES;
      }
      parts.getLast().add(step);
      left -= bytes;
    }
    return parts;
  }

  /** At most, of any kernel for such a step. */
  private static int parameters(Step step) {
    return step instanceof Step.LayerNorm ? 11 : 16;
  }

  /** A pass on the device: graphs that run one after the other. */
  private final class Plan implements PreparedPass {
    private final Map<Buffer, float[]> arrays = new HashMap<>();
    private final List<Part> parts = new ArrayList<>();
    private final long bytes;
    private boolean closed;

    Plan(ForwardPass pass) {
      List<List<Step>> steps = parts(pass.steps());
      List<PassArrays> arraysOfParts =
          steps.stream().map(part -> new PassArrays(part, arrays)).toList();
      Set<Buffer> known = new LinkedHashSet<>();
      known.add(pass.pixels());
      if (pass.mask() != null) {
        known.add(pass.mask());
      }
      for (int i = 0; i < steps.size(); i++) {
        PassArrays mine = arraysOfParts.get(i);
        Set<Buffer> wanted = new LinkedHashSet<>();
        pass.results().forEach(result -> wanted.add(result.buffer()));
        arraysOfParts.subList(i + 1, steps.size()).forEach(later -> wanted.addAll(later.buffers()));
        parts.add(new Part(steps.get(i), mine, both(mine, known), both(mine, wanted)));
        known.addAll(mine.buffers());
      }
      this.bytes = arraysOfParts.stream().mapToLong(PassArrays::bytes).sum();
    }

    private static List<Buffer> both(PassArrays arrays, Set<Buffer> others) {
      return arrays.buffers().stream().filter(others::contains).toList();
    }

    @Override
    public float[] contents(Buffer buffer) {
      float[] array = arrays.get(buffer);
      if (array == null) {
        throw new IllegalArgumentException(buffer + " is in no step");
      }
      return array;
    }

    @Override
    public long bytes() {
      return bytes;
    }

    @Override
    public void run() {
      onItsThread(
          "run",
          bytes,
          () -> {
            parts.forEach(part -> part.plan.execute());
            return parts;
          });
    }

    @Override
    public void close() {
      onItsThread(
          "close",
          0,
          () -> {
            if (!closed) {
              closed = true;
              parts.forEach(part -> part.plan.freeDeviceMemory());
            }
            return parts;
          });
    }
  }

  /** A graph on the device. */
  private final class Part {
    private final TornadoExecutionPlan plan;

    /**
     * Puts a graph together.
     *
     * @param given brought to the device before every run
     * @param wanted brought back after every run
     */
    Part(List<Step> steps, PassArrays arrays, List<Buffer> given, List<Buffer> wanted) {
      TaskGraph graph = new TaskGraph(GRAPH);
      GridScheduler grids = new GridScheduler();
      graph.transferToDevice(
          DataTransferMode.EVERY_EXECUTION, given.stream().map(arrays::of).toArray());
      graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, arrays.residents(given));
      int index = 0;
      for (Step step : steps) {
        family.add(step, new KernelFamily.Target(graph, grids, GRAPH, "step" + index++, arrays));
      }
      graph.transferToHost(
          DataTransferMode.EVERY_EXECUTION, wanted.stream().map(arrays::of).toArray());
      this.plan = new TornadoExecutionPlan(graph.snapshot());
      plan.withDevice(device);
      plan.withGridScheduler(grids);
      plan.withCompilerFlags(TornadoVMBackendType.OPENCL, family.compilerFlags());
    }
  }
}
