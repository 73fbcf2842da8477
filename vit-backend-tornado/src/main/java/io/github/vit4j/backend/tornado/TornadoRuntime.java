package io.github.vit4j.backend.tornado;

import io.github.vit4j.error.BackendException;
import io.github.vit4j.spi.Device;
import java.util.List;

/** The TornadoVM that this JVM was started with, if it was. */
final class TornadoRuntime {
  private TornadoRuntime() {}

  /** Its devices, the preferred one first; none where there is no TornadoVM. */
  static List<Device> devices() {
    return List.of();
  }

  /** One line that says why it has no devices; nothing where it has. */
  static String absence() {
    return "this JVM was not started with TornadoVM (install an SDK and set TORNADOVM_HOME)";
  }

  /** Something that runs kernels on the device of that name. */
  @SuppressWarnings("DoNotCallSuggester") // it will open one where there is TornadoVM
  static PassExecutor open(String device) {
    throw new BackendException("there is no device " + device + ": " + absence());
  }
}
