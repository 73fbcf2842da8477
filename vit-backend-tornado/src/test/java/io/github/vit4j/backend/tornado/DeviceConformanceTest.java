package io.github.vit4j.backend.tornado;

import io.github.vit4j.conformance.BackendConformanceKit;
import io.github.vit4j.conformance.Subject;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.spi.Availability;
import io.github.vit4j.spi.BackendProvider;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTSession;
import java.util.function.Predicate;

/**
 * The kit on TornadoVM's own devices: skipped by name, with the reason, where the tests were not
 * started with a TornadoVM SDK (the Maven profile {@code tornado-sdk}, which TORNADOVM_HOME
 * switches on).
 */
class DeviceConformanceTest extends BackendConformanceKit {
  @Override
  protected BackendProvider provider() {
    BackendProvider backend = new TornadoBackendProvider();
    return TornadoRuntime.accelerators().isEmpty() && TornadoRuntime.processors().isEmpty()
        ? new WithoutDevices(backend)
        : backend;
  }

  @Override
  protected Predicate<Subject> subjects() {
    return subject -> !subject.device().equals("jvm");
  }

  /** The backend, as not available although it has the device {@code jvm}. */
  private record WithoutDevices(BackendProvider backend) implements BackendProvider {
    @Override
    public String name() {
      return backend.name();
    }

    @Override
    public Availability availability() {
      return new Availability.Unavailable(TornadoRuntime.absence());
    }

    @Override
    public ViTSession open(ModelDefinition model, SessionOptions options) {
      throw new BackendException(TornadoRuntime.absence());
    }
  }
}
