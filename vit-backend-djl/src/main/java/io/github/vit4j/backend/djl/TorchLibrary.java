package io.github.vit4j.backend.djl;

import ai.djl.engine.Engine;
import ai.djl.engine.StandardCapabilities;
import ai.djl.util.Platform;
import ai.djl.util.Utils;
import ai.djl.util.cuda.CudaUtils;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.OneLine;
import io.github.vit4j.spi.NativeEnvironment;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * PyTorch's native library as DJL loads it: from the artifact on the class path, unpacked once to
 * DJL's cache folder, or from a folder of the user's. Never from the network. Thread-safe.
 */
final class TorchLibrary {
  private static final String ENGINE = "PyTorch";

  /** DJL's name for a folder with a libtorch of the user's own. */
  private static final String LIBRARY_PATH = "PYTORCH_LIBRARY_PATH";

  private static final String SPIN_COUNT = "GOMP_SPINCOUNT";

  private static @Nullable Engine engine;
  private static @Nullable String failure;

  private TorchLibrary() {}

  /**
   * The engine, loaded on first use; a process has one, and it is never closed.
   *
   * @throws BackendException if the library is missing, or cannot be unpacked or loaded
   */
  static synchronized Engine engine() {
    if (engine != null) {
      return engine;
    }
    if (failure == null) {
      requireLibrary();
      try {
        limitSpinning();
        engine = Engine.getEngine(ENGINE);
        return engine;
      } catch (RuntimeException | LinkageError | AssertionError e) {
        failure = explain(e); // what failed half-way cannot be tried again in this process
        throw new BackendException(failure, e);
      }
    }
    throw new BackendException(failure);
  }

  /** For example {@code PyTorch 2.7.1}; does not load anything unless the user's own is in use. */
  static String version() {
    requireLibrary();
    String version =
        isUsersOwn() ? engine().getVersion() : Platform.detectPlatform("pytorch").getVersion();
    return "PyTorch " + version.replaceFirst("-.*", ""); // the artifact's has its day, too
  }

  /** How many GPUs there are; 0 with the library on the class path, which is made without CUDA. */
  static int gpus() {
    return isUsersOwn() && engine().hasCapability(StandardCapabilities.CUDA)
        ? CudaUtils.getGpuCount()
        : 0;
  }

  private static boolean isUsersOwn() {
    return System.getenv(LIBRARY_PATH) != null;
  }

  /**
   * DJL would download what is missing; that is refused here, before it is asked.
   *
   * @throws BackendException if there is no library for this machine
   */
  private static void requireLibrary() {
    // Before any class of DJL's engines is initialised: that is when it would call home.
    setUnlessSet("ai.djl.offline", "true");
    setUnlessSet("OPT_OUT_TRACKING", "true");
    if (isUsersOwn()) {
      return;
    }
    Platform platform;
    try {
      platform = Platform.detectPlatform("pytorch");
    } catch (RuntimeException | LinkageError | AssertionError e) {
      throw new BackendException("PyTorch's artifacts cannot be used: " + OneLine.reason(e), e);
    }
    String wanted = System.getenv("PYTORCH_VERSION");
    if (platform.isPlaceholder()) {
      throw new BackendException(
          "no PyTorch library for %s on the class path; add ai.djl.pytorch:pytorch-native-cpu:%s with the classifier %s"
              .formatted(platform.getClassifier(), Versions.PYTORCH, platform.getClassifier()));
    }
    if (wanted != null && !wanted.isEmpty() && !wanted.equals(platform.getVersion())) {
      throw new BackendException(
          "PYTORCH_VERSION asks for %s, the class path has %s; unset it, or give a library of that version with %s"
              .formatted(wanted, platform.getVersion(), LIBRARY_PATH));
    }
  }

  /**
   * OpenMP's threads wait busily for several milliseconds at every one of the hundreds of barriers
   * of a run, unless they are told otherwise before the library is loaded. On a machine with
   * anything else to do that makes a run tens of times slower. A few tenths of a millisecond are as
   * fast on an idle one; less costs a tenth there.
   */
  private static void limitSpinning() {
    if (System.getenv("OMP_WAIT_POLICY") == null && System.getenv(SPIN_COUNT) == null) {
      NativeEnvironment.set(SPIN_COUNT, "8000");
    }
  }

  private static void setUnlessSet(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  private static String explain(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof IOException) {
        return "PyTorch's libraries cannot be unpacked to %s: %s; name a folder that can be written, with 500 MB free, in the environment variable DJL_CACHE_DIR"
            .formatted(Utils.getEngineCacheDir(), OneLine.reason(cause));
      }
    }
    return "PyTorch cannot be loaded here: %s; it runs on Linux (x86-64, aarch64), macOS (aarch64) and Windows (x86-64)"
        .formatted(OneLine.reason(e));
  }
}
