package io.github.vit4j.backend.tornado;

import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.OneLine;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
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
import java.util.stream.Collectors;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/**
 * A device of TornadoVM. Every forward pass is a plan of its own, a graph of tasks, or several
 * where there are too many tasks for one, with its own copy of the weights on the device, brought
 * there before its first run: TornadoVM shares device memory only between the graphs of a plan.
 *
 * <p>With CUDA graphs what follows the embeddings is recorded at the first run, and replayed with
 * one call to the driver from then on. Copies from and to the host stay outside: their addresses
 * would be recorded too, and the garbage collector moves arrays.
 */
final class DeviceExecutor implements PassExecutor {
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

  private static final String GRAPH = "vit";

  /**
   * In place of TornadoVM's own options of OpenCL's compiler, which let it assume that there are no
   * infinities and no NaN. Nor may it reorder sums: for processors LLVM then puts the wrong loops
   * into vectors.
   */
  private static final String COMPILER_FLAGS = "-cl-mad-enable -w";

  private final TornadoDevice device;
  private final String name;
  private final KernelFamily family;
  private final boolean cudaGraph;

  /**
   * Creates the executor.
   *
   * @param cudaGraph whether to record CUDA graphs; for a device of the CUDA back end
   */
  DeviceExecutor(TornadoDevice device, String name, KernelFamily family, boolean cudaGraph) {
    this.device = device;
    this.name = name;
    this.family = family;
    this.cudaGraph = cudaGraph;
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
        "TornadoVM failed to %s a forward pass on %s with kernels %s: %s"
            .formatted(what, name, family.name(), reason),
        cause);
  }

  /** TornadoVM colours what it says, and drops the reason of what it does not know. */
  static String reason(Throwable cause) {
    String reason = COLOUR.matcher(OneLine.reason(cause)).replaceAll("");
    return reason.contains("Recover option disabled") ? "TornadoVM gives no reason" : reason;
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
          || lower.contains("mem_object_allocation_failure")
          || lower.contains("cublascreate failed")
          || lower.contains("cublas_status_alloc_failed")) {
        return true;
      }
    }
    return false;
  }

  /**
   * Parts of a pass that fit a graph each: TornadoVM notes at most 8192 bytes about a graph's
   * tasks.
   *
   * @param inputsApart whether another one begins behind the embeddings, so that only the first
   *     reads inputs
   */
  static List<List<Step>> parts(List<Step> steps, KernelFamily family, boolean inputsApart) {
    List<List<Step>> parts = new ArrayList<>();
    int left = 0;
    for (Step step : steps) {
      int bytes = family.graphBytes(step);
      if (bytes > left) {
        parts.add(new ArrayList<>());
        left = GRAPH_BYTES;
      }
      parts.getLast().add(step);
      left = inputsApart && step instanceof Step.Embeddings ? 0 : left - bytes;
    }
    return parts;
  }

  /**
   * A pass on the device: graphs of one plan that run one after the other, each of which leaves on
   * the device what later ones need.
   */
  private final class Plan implements PreparedPass {
    private final Map<Buffer, float[]> arrays = new HashMap<>();
    private final TornadoExecutionPlan plan;

    /** For each graph the results that no later one changes. */
    private final List<Object[]> results = new ArrayList<>();

    private final long bytes;
    private boolean closed;

    Plan(ForwardPass pass) {
      Set<Buffer> inputs = new LinkedHashSet<>();
      inputs.add(pass.pixels());
      if (pass.mask() != null) {
        inputs.add(pass.mask());
      }
      Set<Buffer> wanted = new LinkedHashSet<>();
      pass.results().forEach(result -> wanted.add(result.buffer()));
      List<List<Step>> steps = parts(pass.steps(), family, cudaGraph);
      List<PassArrays> parts = steps.stream().map(part -> new PassArrays(part, arrays)).toList();
      long floats = arrays.values().stream().mapToLong(array -> array.length).sum();
      this.bytes = floats * Float.BYTES + parts.stream().mapToLong(PassArrays::residentBytes).sum();

      List<ImmutableTaskGraph> graphs = new ArrayList<>();
      List<Integer> recorded = new ArrayList<>();
      GridScheduler grids = new GridScheduler();
      Set<Buffer> known = new HashSet<>(inputs);
      for (int i = 0; i < parts.size(); i++) {
        PassArrays mine = parts.get(i);
        Set<Buffer> later = new HashSet<>();
        parts.subList(i + 1, parts.size()).forEach(part -> later.addAll(part.buffers()));
        Set<Buffer> given = both(mine, inputs);
        Set<Buffer> made = both(mine, known);
        made.removeAll(given);
        Set<Buffer> handedOut = both(mine, wanted);
        handedOut.removeAll(later);
        // What an earlier graph made stays on the device anyway, and is freed with that.
        Set<Buffer> kept = both(mine, later);
        kept.addAll(handedOut);
        kept.removeAll(made);
        if (i > 0 && !parts.get(i - 1).buffers().containsAll(made)) {
          throw new IllegalStateException("a graph can only go on with what the one before it has");
        }
        graphs.add(graph(i, steps.get(i), mine, grids, given, made, kept));
        if (cudaGraph && given.isEmpty()) {
          recorded.add(i);
        }
        results.add(arrays(mine, handedOut));
        known.addAll(mine.buffers());
      }
      this.plan = new TornadoExecutionPlan(graphs.toArray(ImmutableTaskGraph[]::new));
      plan.withDevice(device);
      plan.withGridScheduler(grids);
      plan.withCompilerFlags(TornadoVMBackendType.OPENCL, COMPILER_FLAGS);
      for (int graph : recorded) {
        NewerTornado.withCudaGraph(plan.withGraph(graph));
      }
    }

    private static Set<Buffer> both(PassArrays arrays, Set<Buffer> others) {
      return arrays.buffers().stream()
          .filter(others::contains)
          .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static Object[] arrays(PassArrays arrays, Collection<Buffer> buffers) {
      return buffers.stream().map(arrays::of).toArray();
    }

    /**
     * Puts a graph together.
     *
     * @param given brought to the device before every run
     * @param made left there by the graph before this one
     * @param kept made by this graph, and left there for later ones or until the host asks for it
     */
    private ImmutableTaskGraph graph(
        int number,
        List<Step> steps,
        PassArrays arrays,
        GridScheduler grids,
        Set<Buffer> given,
        Set<Buffer> made,
        Set<Buffer> kept) {
      String name = GRAPH + number;
      TaskGraph graph = new TaskGraph(name);
      graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, arrays(arrays, given));
      if (!made.isEmpty()) {
        graph.consumeFromDevice(GRAPH + (number - 1), arrays(arrays, made));
      }
      Set<Buffer> there = new HashSet<>(given);
      there.addAll(made);
      graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, arrays.residents(there));
      int index = 0;
      for (Step step : steps) {
        family.add(step, new KernelFamily.Target(graph, grids, name, "step" + index++, arrays));
      }
      graph.transferToHost(DataTransferMode.UNDER_DEMAND, arrays(arrays, kept));
      return graph.snapshot();
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
            for (int i = 0; i < results.size(); i++) {
              plan.withGraph(i).execute().transferToHost(results.get(i));
            }
            return plan;
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
              // The last first: CUDA graphs are looked for among what the first one frees. Where
              // several are recorded and no other plan is on the device, TornadoVM forgets the
              // earlier ones.
              for (int i = results.size() - 1; i >= 0; i--) {
                plan.withGraph(i).freeDeviceMemory();
              }
            }
            return plan;
          });
    }
  }
}
