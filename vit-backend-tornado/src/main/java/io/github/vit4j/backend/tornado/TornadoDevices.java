package io.github.vit4j.backend.tornado;

import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.OneLine;
import io.github.vit4j.spi.Device;
import io.github.vit4j.spi.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.TornadoBackend;
import uk.ac.manchester.tornado.api.TornadoRuntime;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;

/**
 * The devices of TornadoVM's runtime. Loading this class loads TornadoVM's classes: only {@link
 * io.github.vit4j.backend.tornado.TornadoRuntime} does, where they are there.
 */
final class TornadoDevices {
  /**
   * The system property that chooses the kernels: {@code cpu}, {@code gpu} or {@code cublas}; those
   * of our own that fit the device unless set.
   */
  static final String KERNELS_PROPERTY = "vit4j.tornado.kernels";

  /** The system property that has CUDA graphs recorded: {@code true} or {@code false}. */
  static final String CUDA_GRAPH_PROPERTY = "vit4j.tornado.cudaGraph";

  private static final String CUDA = "CUDA";

  /** Names of the devices where cuBLAS has shown that its numbers are right. */
  private static final Set<String> CUBLAS_CHECKED = ConcurrentHashMap.newKeySet();

  private static final TornadoDevices INSTANCE = new TornadoDevices();

  private final List<Entry> entries = new ArrayList<>();

  /**
   * One of the devices.
   *
   * @param device as sessions name it
   * @param onProcessor whether it is this machine's processor, and no GPU or other accelerator
   */
  private record Entry(Device device, boolean onProcessor, TornadoDevice handle) {
    /** {@code OPENCL}, {@code CUDA} and so on. */
    String backend() {
      return handle.getTornadoVMBackend().name();
    }
  }

  private TornadoDevices() {
    TornadoRuntime runtime = TornadoRuntimeProvider.getTornadoRuntime();
    for (int b = 0; b < runtime.getNumBackends(); b++) {
      TornadoBackend backend = runtime.getBackend(b);
      for (int d = 0; d < backend.getNumDevices(); d++) {
        TornadoDevice handle = backend.getDevice(d);
        String name = "tornado:%d:%d".formatted(b, d);
        String description =
            OneLine.of(
                "%s, %s (%s)"
                    .formatted(
                        handle.getPhysicalDevice().getDeviceName(),
                        backend.getName(),
                        handle.getPlatformName()));
        entries.add(
            new Entry(
                new Device(name, description, Set.of(Precision.FP32)),
                handle.getDeviceType() == TornadoDeviceType.CPU,
                handle));
      }
    }
  }

  /** Those that are, or are not, this machine's processor. */
  static List<Device> devices(boolean onProcessor) {
    return INSTANCE.entries.stream()
        .filter(entry -> entry.onProcessor == onProcessor)
        .map(Entry::device)
        .toList();
  }

  /** Something that runs kernels on the device of that name. */
  static PassExecutor open(String name) {
    return open(name, System::getProperty);
  }

  /**
   * The same, with the values of system properties.
   *
   * @param property null where one is not set
   */
  static PassExecutor open(String name, Function<String, @Nullable String> property) {
    Entry entry = entry(name);
    boolean cudaGraph = cudaGraph(entry, property);
    return new DeviceExecutor(entry.handle, name, family(entry, property), cudaGraph);
  }

  /** With other kernels, for tests. */
  static PassExecutor open(String name, KernelFamily family) {
    return new DeviceExecutor(entry(name).handle, name, family, false);
  }

  private static Entry entry(String name) {
    return INSTANCE.entries.stream()
        .filter(entry -> entry.device.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new BackendException("TornadoVM has no device " + name));
  }

  private static KernelFamily family(Entry entry, Function<String, @Nullable String> property) {
    String chosen = value(property, KERNELS_PROPERTY, entry.onProcessor ? "cpu" : "gpu");
    return switch (chosen) {
      case "cpu" -> {
        if (!entry.onProcessor) {
          throw new BackendException(
              "%s is no processor and cannot run the kernels for one; leave -D%s out"
                  .formatted(entry.device.name(), KERNELS_PROPERTY));
        }
        yield new CpuKernelFamily(entry.handle.getAvailableProcessors());
      }
      case "gpu" -> new GpuKernelFamily();
      case CublasKernelFamily.NAME -> {
        checkCuda(entry, KERNELS_PROPERTY, chosen);
        CublasKernelFamily family = new CublasKernelFamily();
        if (!CUBLAS_CHECKED.contains(entry.device.name())) {
          try (PassExecutor executor = open(entry.device.name(), family)) {
            CublasKernelFamily.check(executor);
          }
          CUBLAS_CHECKED.add(entry.device.name());
        }
        yield family;
      }
      default ->
          throw new BackendException(
              "-D%s must be cpu, gpu or cublas, not '%s'"
                  .formatted(KERNELS_PROPERTY, OneLine.of(chosen)));
    };
  }

  private static boolean cudaGraph(Entry entry, Function<String, @Nullable String> property) {
    String chosen = value(property, CUDA_GRAPH_PROPERTY, "false");
    return switch (chosen) {
      case "false" -> false;
      case "true" -> {
        checkCuda(entry, CUDA_GRAPH_PROPERTY, chosen);
        yield true;
      }
      default ->
          throw new BackendException(
              "-D%s must be true or false, not '%s'"
                  .formatted(CUDA_GRAPH_PROPERTY, OneLine.of(chosen)));
    };
  }

  /**
   * The options that are set, for people: {@code ", kernels cublas, CUDA graphs"}.
   *
   * @param property the values of system properties, null where they are not set
   */
  static String options(Function<String, @Nullable String> property) {
    String kernels = property.apply(KERNELS_PROPERTY);
    return (kernels == null ? "" : ", kernels " + OneLine.of(kernels))
        + (value(property, CUDA_GRAPH_PROPERTY, "false").equals("true") ? ", CUDA graphs" : "");
  }

  private static String value(
      Function<String, @Nullable String> property, String name, String unlessSet) {
    String value = property.apply(name);
    return (value == null ? unlessSet : value).toLowerCase(Locale.ROOT);
  }

  /** Whether CUDA graphs and libraries are to be had on the device of that name. */
  static boolean isCuda(String name) {
    return entry(name).backend().equals(CUDA);
  }

  private static void checkCuda(Entry entry, String property, String value) {
    String backend = entry.backend();
    if (!backend.equals(CUDA)) {
      throw new BackendException(
          "-D%s=%s is for devices of TornadoVM's CUDA back end, and %s is one of %s; leave it out, or set TORNADOVM_HOME to an SDK for CUDA"
              .formatted(property, value, entry.device.name(), backend));
    }
  }
}
