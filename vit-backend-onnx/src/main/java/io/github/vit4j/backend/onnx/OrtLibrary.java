package io.github.vit4j.backend.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtProvider;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.OneLine;
import io.github.vit4j.spi.NativeEnvironment;
import java.util.Set;

/** ONNX Runtime's native library, loaded on first use. Thread-safe. */
final class OrtLibrary {
  private OrtLibrary() {}

  /**
   * The environment, of which a process has one. It is never closed: other users of ONNX Runtime in
   * this process share it.
   *
   * @throws BackendException if the library cannot be loaded
   */
  static OrtEnvironment environment() {
    try {
      return Holder.ENVIRONMENT;
    } catch (LinkageError | RuntimeException e) {
      throw new BackendException(
          "ONNX Runtime cannot be loaded here: %s; it runs on Linux (x64, aarch64), macOS (aarch64) and Windows (x64)"
              .formatted(OneLine.reason(e)),
          e);
    }
  }

  /** For example {@code ONNX Runtime 1.29.0}. */
  static String version() {
    return "ONNX Runtime " + environment().getVersion();
  }

  /** Whether this build of ONNX Runtime can use NVIDIA's GPUs; says nothing about a GPU. */
  static boolean hasCuda() {
    environment(); // first, as it loads the library with telemetry off
    Set<OrtProvider> providers = OrtEnvironment.getAvailableProviders();
    return providers.contains(OrtProvider.CUDA);
  }

  private static final class Holder {
    static final OrtEnvironment ENVIRONMENT = create();

    private static OrtEnvironment create() {
      disableTelemetry();
      // What ONNX Runtime logs as errors it also throws; on stderr it would be said twice.
      OrtEnvironment environment =
          OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "vit4j");
      try {
        environment.setTelemetry(false);
      } catch (OrtException e) {
        throw new IllegalStateException("telemetry cannot be switched off", e);
      }
      return environment;
    }

    /**
     * Sets the variable that ONNX Runtime's native code asks for while it starts. Switching
     * telemetry off afterwards is too late: since 1.29 the start itself writes {@code
     * mat-debug-PID.log} to the temporary folder, prepares uploads, and matches the command line
     * with a recursive regular expression, which overflows the stack, and so ends the JVM, from
     * about 4,000 characters on.
     */
    private static void disableTelemetry() {
      // Cannot be set on Windows, where ONNX Runtime starts no such thing.
      NativeEnvironment.set("ORT_DISABLE_TELEMETRY", "1");
    }
  }
}
