package io.github.vit4j.backend.tornado;

import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.OneLine;
import io.github.vit4j.spi.Device;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The TornadoVM that this JVM was started with, if it was. Finding out costs nothing where it was
 * not; where it was, TornadoVM is initialised once, when devices are first asked for.
 */
final class TornadoRuntime {
  private static final String IMPLEMENTATION = "tornado.load.runtime.implementation";
  private static final String MODULE = "tornado.runtime";
  private static final String BAILOUT = "tornado.recover.bailout";

  /** In bytes; a model of twelve layers needs more than TornadoVM's default. */
  private static final String BYTECODE_SIZE = "tornado.tvm.maxbytecodesize";

  /**
   * Whether kernels call fma by name: no faster on a processor that has it, and a slow function on
   * one that has not.
   */
  private static final String FMA = "tornado.enable.fma";

  private TornadoRuntime() {}

  /** GPUs and other accelerators, in TornadoVM's order; none where there is no TornadoVM. */
  static List<Device> accelerators() {
    return State.ABSENCE == null ? TornadoDevices.devices(false) : List.of();
  }

  /** This machine's processor, where TornadoVM has a driver that compiles for it. */
  static List<Device> processors() {
    return State.ABSENCE == null ? TornadoDevices.devices(true) : List.of();
  }

  /** One line that says why it has no devices; nothing where it has. */
  static String absence() {
    return State.ABSENCE == null ? "" : State.ABSENCE;
  }

  /** TornadoVM's version and the options set for it, for people; nothing where there is none. */
  static Optional<String> version() {
    if (State.ABSENCE != null) {
      return Optional.empty();
    }
    return ModuleLayer.boot()
        .findModule(MODULE)
        .map(module -> module.getDescriptor().toNameAndVersion())
        .map(
            name ->
                "TornadoVM"
                    + (name.contains("@") ? " " + name.substring(name.indexOf('@') + 1) : "")
                    + TornadoDevices.options(System::getProperty));
  }

  /**
   * Something that runs kernels on the device of that name.
   *
   * @throws BackendException if there is none
   */
  static PassExecutor open(String device) {
    if (State.ABSENCE != null) {
      throw new BackendException("there is no device " + device + ": " + State.ABSENCE);
    }
    return TornadoDevices.open(device);
  }

  /**
   * Why TornadoVM cannot be used in a JVM with these system properties; null where it can as far as
   * they tell.
   *
   * @param property the values of system properties, null where they are not set
   * @param module whether TornadoVM's module is there
   */
  static @Nullable String reasonAgainst(
      Function<String, @Nullable String> property, boolean module) {
    if (property.apply(IMPLEMENTATION) == null || !module) {
      return "this JVM was not started with TornadoVM; install a TornadoVM SDK, set TORNADOVM_HOME to it and start with ./vit, or with java @$TORNADOVM_HOME/tornado-argfile -D"
          + BAILOUT
          + "=False";
    }
    String bailout = property.apply(BAILOUT);
    if (bailout == null || !bailout.equalsIgnoreCase("false")) {
      return "a kernel that TornadoVM cannot compile would silently run as ordinary Java, perhaps with wrong numbers; start the JVM with -D"
          + BAILOUT
          + "=False";
    }
    return null;
  }

  /** Found out when it is first needed. */
  private static final class State {
    static final @Nullable String ABSENCE = initialise();

    private State() {}

    /** A missing driver surfaces as any error at all, of TornadoVM's own class initialisation. */
    @SuppressWarnings("CatchingUnchecked")
    private static @Nullable String initialise() {
      String reason =
          reasonAgainst(System::getProperty, ModuleLayer.boot().findModule(MODULE).isPresent());
      if (reason != null) {
        return reason;
      }
      try {
        // Read when TornadoVM is initialised.
        setUnlessSet(BYTECODE_SIZE, "1048576");
        setUnlessSet(FMA, "False");
        return TornadoDevices.devices(true).isEmpty() && TornadoDevices.devices(false).isEmpty()
            ? "TornadoVM finds no device; install a driver for the back end of its SDK"
            : null;
      } catch (Throwable e) {
        return "TornadoVM cannot be initialised (%s); install a driver for the back end of its SDK, such as OpenCL's"
            .formatted(OneLine.reason(e));
      }
    }

    private static void setUnlessSet(String property, String value) {
      if (System.getProperty(property) == null) {
        System.setProperty(property, value);
      }
    }
  }
}
