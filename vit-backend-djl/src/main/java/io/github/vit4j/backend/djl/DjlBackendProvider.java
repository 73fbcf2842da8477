package io.github.vit4j.backend.djl;

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
 * The backend {@code djl}: PyTorch's own library through DJL, without Python.
 *
 * <p>The model runs as TorchScript that is generated for it; float32 weights are used where they
 * lie, in the mapped checkpoint. The native library comes from the artifact {@code
 * pytorch-native-cpu} and is unpacked once, to {@code ~/.djl.ai} or the folder that the environment
 * variable {@code DJL_CACHE_DIR} names; nothing is downloaded and nobody is called.
 *
 * <p>Devices: {@code cpu} in float32, and in bfloat16 where the processor has instructions for it
 * (AMX or AVX-512 BF16). {@code cuda:N} in float32 and float16 where the environment variable
 * {@code PYTORCH_LIBRARY_PATH} names a libtorch 2.7.1 made with CUDA 12.8, with {@code
 * PYTORCH_FLAVOR=cu128} and {@code PYTORCH_VERSION=2.7.1}. CUDA has not been run yet, for want of a
 * GPU: compare a model's numbers with those of {@code cpu} before relying on it.
 *
 * <p>Threads: PyTorch keeps the number of threads per calling thread, and every calling thread has
 * a pool of its own. A session sets its number in front of each run, so what {@code info()} tells
 * is what runs; other code that uses DJL in the same thread finds that number afterwards. {@link
 * SessionOptions#allowSpinning} has no effect: how long OpenMP's threads spin is decided once, when
 * the library is loaded. They are told to spin for less than a millisecond, unless the environment
 * variable {@code OMP_WAIT_POLICY} or {@code GOMP_SPINCOUNT} says otherwise.
 */
public final class DjlBackendProvider implements BackendProvider {
  private static final String NAME = "djl";
  private static final String CPU = "cpu";
  private static final Pattern CUDA = Pattern.compile("cuda:([0-9]{1,3})");

  /** Does nothing: PyTorch is loaded when it is first needed. */
  public DjlBackendProvider() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  @SuppressWarnings("CatchingUnchecked") // whatever a native library does, a list is a list
  public Availability availability() {
    try {
      return new Availability.Available(TorchLibrary.version(), devices());
    } catch (Exception | LinkageError e) {
      return new Availability.Unavailable(OneLine.reason(e));
    }
  }

  private static List<Device> devices() {
    return devices(TorchLibrary.gpus(), BFloat16Instructions.present());
  }

  /** GPUs first: nobody names a libtorch with CUDA without meaning it. */
  static List<Device> devices(int gpus, boolean bfloat16) {
    List<Device> devices = new ArrayList<>();
    for (int i = 0; i < gpus; i++) {
      devices.add(
          new Device(
              "cuda:" + i, "NVIDIA GPU through CUDA", Set.of(Precision.FP32, Precision.FP16)));
    }
    devices.add(
        new Device(
            CPU,
            ProcessorCores.description(),
            bfloat16 ? Set.of(Precision.FP32, Precision.BF16) : Set.of(Precision.FP32)));
    return devices;
  }

  @Override
  public boolean runsSideBySide() {
    return true;
  }

  @Override
  public ViTSession open(ModelDefinition model, SessionOptions options) {
    List<Device> devices = devices();
    int gpu = gpu(options, devices);
    if (!(model.source() instanceof ModelSource.Weights)) {
      throw new BackendException(
          "backend djl runs checkpoints, not exported graphs; load the checkpoint, or choose backend onnx");
    }
    int threads = options.threads() == 0 ? ProcessorCores.available() : options.threads();
    SessionInfo info =
        new SessionInfo(
            NAME,
            TorchLibrary.version(),
            options.device(),
            options.precision(),
            gpu < 0 ? threads : 0);
    return DjlSession.open(model, info, gpu, threads);
  }

  /**
   * The number of the GPU that is asked for, -1 for the processor.
   *
   * @throws BackendException if the device or its precision is none of {@code devices}
   */
  static int gpu(SessionOptions options, List<Device> devices) {
    Matcher cuda = CUDA.matcher(options.device());
    Device device =
        devices.stream()
            .filter(there -> there.name().equals(options.device()))
            .findFirst()
            .orElseThrow(
                () ->
                    new BackendException(
                        "backend djl has no device '%s' here, it has %s; %s"
                            .formatted(
                                options.device(),
                                devices.stream()
                                    .map(Device::name)
                                    .collect(Collectors.joining(", ")),
                                cuda.matches()
                                    ? "for CUDA name a libtorch made with it in PYTORCH_LIBRARY_PATH"
                                    : "choose one of these")));
    if (!device.precisions().contains(options.precision())) {
      throw new BackendException(
          "backend djl computes on %s in %s, not in %s%s; choose one of these or another backend"
              .formatted(
                  device.name(),
                  device.precisions().stream()
                      .sorted()
                      .map(Precision::toString)
                      .collect(Collectors.joining(" or ")),
                  options.precision(),
                  options.precision() == Precision.BF16 && device.name().equals(CPU)
                      ? " (this processor has neither AMX nor AVX-512 BF16)"
                      : ""));
    }
    return cuda.matches() ? Integer.parseInt(cuda.group(1)) : -1;
  }
}
