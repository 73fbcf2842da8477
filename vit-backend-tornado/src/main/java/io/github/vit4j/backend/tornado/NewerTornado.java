package io.github.vit4j.backend.tornado;

import io.github.vit4j.error.BackendException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.common.Access;

/**
 * What TornadoVM's API has had since version 5, which is newer than the artifact that this is
 * compiled against: found by name.
 */
final class NewerTornado {
  private static final String API = "uk.ac.manchester.tornado.api.";
  private static final String DESCRIPTOR = API + "common.LibraryTaskDescriptor";
  private static final String FUNCTION = API + "common.TornadoFunctions$LibraryTask1";

  private NewerTornado() {}

  /**
   * Has the graphs that are selected recorded as CUDA graphs when they run first ({@code
   * TornadoExecutionPlan.withCUDAGraph}).
   */
  static void withCudaGraph(TornadoExecutionPlan plan) {
    call("CUDA graphs", () -> TornadoExecutionPlan.class.getMethod("withCUDAGraph").invoke(plan));
  }

  /**
   * Adds a call of a native library to {@code graph} ({@code TaskGraph.libraryTask}).
   *
   * @param library its name at TornadoVM, such as {@code nvidia/cublas}
   * @param parameters scalars, and arrays for which the function is given their place on the device
   * @param access what the function does with each of the parameters
   */
  static void libraryTask(
      TaskGraph graph,
      String task,
      String library,
      String function,
      Object[] parameters,
      Access[] access) {
    call(
        "tasks of " + library,
        () -> {
          Class<?> type = Class.forName(DESCRIPTOR);
          Object descriptor = type.getConstructor().newInstance();
          type.getMethod("withLibrary", String.class).invoke(descriptor, library);
          type.getMethod("withFunction", String.class).invoke(descriptor, function);
          type.getMethod("withParameters", Object[].class).invoke(descriptor, (Object) parameters);
          type.getMethod("withAccess", Access[].class).invoke(descriptor, (Object) access);
          Class<?> functional = Class.forName(FUNCTION);
          Object factory =
              Proxy.newProxyInstance(
                  NewerTornado.class.getClassLoader(),
                  new Class<?>[] {functional},
                  (proxy, method, arguments) -> descriptor);
          return TaskGraph.class
              .getMethod("libraryTask", String.class, functional, Object.class)
              .invoke(graph, task, factory, descriptor);
        });
  }

  private static void call(String what, Call call) {
    try {
      call.call();
    } catch (InvocationTargetException e) {
      switch (e.getCause()) {
        case RuntimeException failure -> throw failure;
        case Error failure -> throw failure;
        case null, default -> throw new BackendException("TornadoVM failed: " + e.getCause(), e);
      }
    } catch (ReflectiveOperationException e) {
      throw new BackendException(
          "this TornadoVM has no %s; use version 5.2 or newer, or leave the option out"
              .formatted(what),
          e);
    }
  }

  private interface Call {
    Object call() throws ReflectiveOperationException;
  }
}
