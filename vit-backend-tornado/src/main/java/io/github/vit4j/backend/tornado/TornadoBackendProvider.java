package io.github.vit4j.backend.tornado;

import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.OneLine;
import io.github.vit4j.spi.Availability;
import io.github.vit4j.spi.BackendProvider;
import io.github.vit4j.spi.Device;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.ModelSource;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.ProcessorCores;
import io.github.vit4j.spi.SessionInfo;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTSession;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The backend {@code tornado}: the model in Java, without any native library.
 *
 * <p>Devices: {@code jvm}, this JVM itself, which is always there; and, where it was started with
 * TornadoVM, TornadoVM's devices by their names there, for example {@code tornado:0:0}, for which
 * TornadoVM compiles kernels. GPUs are preferred to {@code jvm}, and {@code jvm} to a processor
 * under OpenCL, which is slower. All compute in float32; weights are converted once, to arrays on
 * the heap.
 *
 * <p>On a device of TornadoVM the first run of every combination of batch size, image size and
 * outputs takes seconds, as its kernels are compiled, and puts a copy of the weights on the device:
 * few combinations, kept the same, run best. What is ready stays on the device while it takes less
 * than half of the memory that TornadoVM may use there (the system property {@code
 * tornado.device.memory}, 4 GB unless set). The number of threads that sessions ask for is for
 * {@code jvm}; a device of TornadoVM always works with all that it has.
 *
 * <p>The kernels for a device are those for processors or for GPUs, whichever it is; the system
 * property {@code vit4j.tornado.kernels} set to {@code cpu} or {@code gpu} insists on one of them
 * (a GPU has no choice), and {@code cublas} has a device of TornadoVM's CUDA back end do its matrix
 * products with NVIDIA's cuBLAS, in float32. {@code vit4j.tornado.cudaGraph} set to {@code true}
 * records the kernels of a forward pass there as CUDA graphs at the first run, which spares the
 * later ones launching each. Both need TornadoVM 5.2 or newer, are refused on devices that are not
 * CUDA's, and have not been run on a GPU yet.
 *
 * <p>The device {@code jvm} uses Java's Vector API where the JVM was started with {@code
 * --add-modules jdk.incubator.vector}, which is several times as fast as what the compiler makes of
 * plain loops; the version that sessions report says which it is. The system property {@code
 * vit4j.tornado.arithmetic} set to {@code vector} or {@code plain} insists on one of them.
 */
public final class TornadoBackendProvider implements BackendProvider {
  private static final String NAME = "tornado";
  private static final String JVM = "jvm";

  /** More than any machine has processors; each takes memory and a place in the system's table. */
  private static final int MAX_THREADS = 1024;

  /** Does nothing. */
  public TornadoBackendProvider() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Availability availability() {
    try {
      return new Availability.Available(version(), devices());
    } catch (BackendException | LinkageError e) {
      return new Availability.Unavailable(OneLine.reason(e));
    }
  }

  private static String version() {
    String java =
        "Java %s, %s".formatted(Runtime.version().feature(), Arithmetics.chosen().description());
    return TornadoRuntime.version().map(tornado -> java + "; " + tornado).orElse(java);
  }

  private static List<Device> devices() {
    List<Device> devices = new ArrayList<>();
    devices.addAll(TornadoRuntime.accelerators());
    devices.add(new Device(JVM, ProcessorCores.description(), Set.of(Precision.FP32)));
    // Last: a processor under OpenCL (PoCL) took six times as long as the JVM.
    devices.addAll(TornadoRuntime.processors());
    return devices;
  }

  @Override
  public ViTSession open(ModelDefinition model, SessionOptions options) {
    check(options, devices());
    if (model.source() instanceof ModelSource.ExportedOnnx exported) {
      throw new BackendException(
          "backend %s runs checkpoints, not exported graphs such as %s; load the checkpoint, or choose backend onnx"
              .formatted(NAME, exported.file()));
    }
    if (!options.device().equals(JVM)) {
      SessionInfo info = new SessionInfo(NAME, version(), options.device(), options.precision(), 0);
      return TornadoSession.open(model, info, () -> TornadoRuntime.open(options.device()));
    }
    int threads = options.threads() == 0 ? ProcessorCores.available() : options.threads();
    if (threads > MAX_THREADS) {
      throw new BackendException(
          "backend %s takes at most %d threads, not %d; this machine's cores number %d"
              .formatted(NAME, MAX_THREADS, threads, ProcessorCores.available()));
    }
    Arithmetic arithmetic = Arithmetics.chosen();
    SessionInfo info = new SessionInfo(NAME, version(), JVM, options.precision(), threads);
    return TornadoSession.open(
        model, info, () -> new JvmExecutor(arithmetic, threads, options.allowSpinning()));
  }

  private static void check(SessionOptions options, List<Device> devices) {
    Device device =
        devices.stream()
            .filter(there -> there.name().equals(options.device()))
            .findFirst()
            .orElseThrow(
                () ->
                    new BackendException(
                        "backend %s has no device '%s' here, it has %s%s; choose one of these or another backend"
                            .formatted(
                                NAME,
                                options.device(),
                                devices.stream()
                                    .map(Device::name)
                                    .collect(Collectors.joining(", ")),
                                devices.size() > 1
                                    ? ""
                                    : " (others need TornadoVM: "
                                        + TornadoRuntime.absence()
                                        + ")")));
    if (!device.precisions().contains(options.precision())) {
      throw new BackendException(
          "backend %s computes on %s in %s, not in %s; choose that or another backend"
              .formatted(
                  NAME,
                  device.name(),
                  device.precisions().stream()
                      .sorted()
                      .map(Precision::toString)
                      .collect(Collectors.joining(" or ")),
                  options.precision()));
    }
  }
}
