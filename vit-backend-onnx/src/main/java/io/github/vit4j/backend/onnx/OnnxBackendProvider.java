package io.github.vit4j.backend.onnx;

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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The backend {@code onnx}: ONNX Runtime, in float32 and, on the processor, in int8.
 *
 * <p>Builds its own graph from the model's weights, one for every combination of outputs that is
 * asked for, and points it into the checkpoint's files; nothing is exported or converted. Also runs
 * a graph that somebody exported.
 *
 * <p>In int8, which is only used when it is asked for, the linear layers of the encoder are
 * multiplied in 8-bit integers; patch embedding, attention probabilities, normalisation, activation
 * and heads stay in float32. Weights are rounded when a model is opened, output by output, and
 * activations token by token while it runs, so that an image gives the same numbers in every batch.
 * The logits are those of a slightly different model: see the module's benchmark notes for how
 * often the label is the same. On x86 processors without VNNI or AMX a slower and equally exact
 * kernel is used; that such a processor is recognised was not tried on one.
 *
 * <p>Devices are {@code cpu} and, in front of it where the class path holds {@code onnxruntime_gpu}
 * in place of {@code onnxruntime}, one for every NVIDIA GPU that can be seen: {@code cuda:0},
 * {@code cuda:1} and so on, as CUDA numbers them; on Windows {@code cuda:0} alone. CUDA has not
 * been run yet, for want of a GPU: compare a model's numbers with those of {@code cpu} before
 * relying on it.
 */
public final class OnnxBackendProvider implements BackendProvider {
  private static final String NAME = "onnx";
  private static final String CPU = "cpu";
  private static final Pattern CUDA = Pattern.compile("cuda:([0-9]{1,3})");

  /** Does nothing: ONNX Runtime is loaded when it is first needed. */
  public OnnxBackendProvider() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  @SuppressWarnings("CatchingUnchecked") // whatever a native library does, a list is a list
  public Availability availability() {
    try {
      return new Availability.Available(OrtLibrary.version(), devices());
    } catch (Exception | LinkageError e) {
      return new Availability.Unavailable(OneLine.reason(e));
    }
  }

  private static List<Device> devices() {
    return devices(CudaDevices.count(OrtLibrary.hasCuda()));
  }

  /** GPUs first: nobody has {@code onnxruntime_gpu} on the class path without meaning it. */
  static List<Device> devices(int gpus) {
    List<Device> devices = new ArrayList<>();
    for (int i = 0; i < gpus; i++) {
      devices.add(new Device("cuda:" + i, "NVIDIA GPU through CUDA", Set.of(Precision.FP32)));
    }
    devices.add(
        new Device(CPU, ProcessorCores.description(), Set.of(Precision.FP32, Precision.INT8)));
    return devices;
  }

  @Override
  public boolean runsSideBySide() {
    return true;
  }

  @Override
  public ViTSession open(ModelDefinition model, SessionOptions options) {
    List<Device> devices = devices();
    OrtOptions ortOptions = ortOptions(options, devices, OrtLibrary.hasCuda());
    checkPrecision(options, devices);
    SessionInfo info =
        new SessionInfo(
            NAME,
            OrtLibrary.version(),
            options.device(),
            options.precision(),
            ortOptions.cudaDevice() == OrtOptions.NO_CUDA ? ortOptions.threads() : 0);
    return switch (model.source()) {
      case ModelSource.Weights weights -> BuiltSession.open(model, weights, ortOptions, info);
      case ModelSource.ExportedOnnx exported when options.precision() != Precision.FP32 ->
          throw new BackendException(
              "%s is computed in the precision it was exported in, not in %s; choose precision float32, or load the model from its weights"
                  .formatted(exported.file(), options.precision()));
      case ModelSource.ExportedOnnx exported ->
          ExportedSession.open(model, exported.file(), ortOptions, info);
    };
  }

  /**
   * Goes on if the device, one of {@code devices}, has the precision.
   *
   * @throws BackendException if not
   */
  static void checkPrecision(SessionOptions options, List<Device> devices) {
    for (Device device : devices) {
      if (device.name().equals(options.device())
          && !device.precisions().contains(options.precision())) {
        throw new BackendException(
            "backend onnx computes in %s on %s, not in %s; choose one of these or another backend"
                .formatted(
                    device.precisions().stream()
                        .sorted()
                        .map(Precision::toString)
                        .collect(Collectors.joining(" or ")),
                    device.name(),
                    options.precision()));
      }
    }
  }

  /**
   * The options for one of {@code devices}.
   *
   * @param cudaSupported whether this build of ONNX Runtime could use a GPU
   * @throws BackendException if the device is none of them
   */
  static OrtOptions ortOptions(
      SessionOptions options, List<Device> devices, boolean cudaSupported) {
    List<String> known = devices.stream().map(Device::name).toList();
    Matcher cuda = CUDA.matcher(options.device());
    if (!known.contains(options.device())) {
      throw new BackendException(
          "backend onnx has no device '%s' here, it has %s%s"
              .formatted(
                  options.device(),
                  String.join(", ", known),
                  cuda.matches() && !cudaSupported
                      ? "; for CUDA put com.microsoft.onnxruntime:onnxruntime_gpu on the class path in place of"
                          + " onnxruntime"
                      : "; choose one of these"));
    }
    int cudaDevice = cuda.matches() ? Integer.parseInt(cuda.group(1)) : OrtOptions.NO_CUDA;
    int threads = options.threads() == 0 ? ProcessorCores.available() : options.threads();
    return new OrtOptions(threads, options.allowSpinning(), cudaDevice);
  }
}
