package io.github.vit4j.spi;

import java.util.List;
import java.util.Objects;

/** Whether a backend can run here and now. */
public sealed interface Availability {
  /**
   * It can.
   *
   * @param version of the engine, for example {@code ONNX Runtime 1.29.0}
   * @param devices at least one, the preferred one first
   */
  record Available(String version, List<Device> devices) implements Availability {
    /** Copies the list and checks that it is not empty and that nothing is null. */
    public Available {
      Objects.requireNonNull(version, "an available backend has a version");
      Objects.requireNonNull(devices, "an available backend has devices");
      devices = List.copyOf(devices);
      if (devices.isEmpty()) {
        throw new IllegalArgumentException("an available backend has a device");
      }
    }
  }

  /**
   * It cannot.
   *
   * @param reason one line that says why and what to do
   */
  record Unavailable(String reason) implements Availability {
    /** Checks that there is a reason. */
    public Unavailable {
      Objects.requireNonNull(reason, "an unavailable backend has a reason");
    }
  }
}
