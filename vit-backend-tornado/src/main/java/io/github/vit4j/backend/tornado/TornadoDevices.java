package io.github.vit4j.backend.tornado;

import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.OneLine;
import io.github.vit4j.spi.Device;
import io.github.vit4j.spi.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
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
   * The system property that chooses the kernels: {@code cpu} or {@code gpu}; those that fit the
   * device unless set.
   */
  static final String KERNELS_PROPERTY = "vit4j.tornado.kernels";

  private static final TornadoDevices INSTANCE = new TornadoDevices();

  private final List<Entry> entries = new ArrayList<>();

  /**
   * One of the devices.
   *
   * @param device as sessions name it
   * @param onProcessor whether it is this machine's processor, and no GPU or other accelerator
   */
  private record Entry(Device device, boolean onProcessor, TornadoDevice handle) {}

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
    Entry entry = entry(name);
    return new DeviceExecutor(entry.handle, name, family(entry));
  }

  /** With other kernels, for tests. */
  static PassExecutor open(String name, KernelFamily family) {
    return new DeviceExecutor(entry(name).handle, name, family);
  }

  private static Entry entry(String name) {
    return INSTANCE.entries.stream()
        .filter(entry -> entry.device.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new BackendException("TornadoVM has no device " + name));
  }

  private static KernelFamily family(Entry entry) {
    String chosen =
        System.getProperty(KERNELS_PROPERTY, entry.onProcessor ? "cpu" : "gpu")
            .toLowerCase(Locale.ROOT);
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
      default ->
          throw new BackendException(
              "-D%s must be cpu or gpu, not '%s'".formatted(KERNELS_PROPERTY, OneLine.of(chosen)));
    };
  }
}
