package io.github.vit4j.backend.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.OneLine;
import io.github.vit4j.spi.ProcessorCores;
import java.util.concurrent.Semaphore;

/**
 * What every session of a model is created with.
 *
 * @param threads threads per run, at least 1
 * @param allowSpinning whether idle threads wait busily for as long as ONNX Runtime likes; else for
 *     a moment within a run
 * @param cudaDevice the number of the GPU, -1 for the processor
 */
record OrtOptions(int threads, boolean allowSpinning, int cudaDevice) {
  static final int NO_CUDA = -1;

  private static final String SPIN_MICROSECONDS = "50";

  /** New native options; the caller closes them. */
  OrtSession.SessionOptions create() throws OrtException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    try {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
      options.setInterOpNumThreads(1);
      options.setIntraOpNumThreads(threads);
      options.addConfigEntry("session.intra_op.allow_spinning", "1");
      if (!allowSpinning) {
        // A run is hundreds of pieces, and to go to sleep and wake between them costs more than a
        // fifth of a small one. So its threads wait busily for a moment, and never after its end.
        options.addConfigEntry("session.intra_op.spin_duration_us", SPIN_MICROSECONDS);
        options.addConfigEntry("session.force_spinning_stop", "1");
      }
      if (cudaDevice != NO_CUDA) {
        addCuda(options);
      }
      return options;
    } catch (OrtException | RuntimeException e) {
      options.close();
      throw e;
    }
  }

  /**
   * Permits for as many runs at a time as the processor has cores for. Callers of one session share
   * its threads: more of them at once would take turns on the cores in the middle of a run, those
   * that wait busily too.
   */
  Semaphore permits() {
    boolean shared = cudaDevice == NO_CUDA && threads > 1;
    return new Semaphore(
        shared ? Math.max(1, ProcessorCores.available() / threads) : Integer.MAX_VALUE, true);
  }

  private void addCuda(OrtSession.SessionOptions options) {
    try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(cudaDevice)) {
      // TensorFloat-32 keeps 10 bits of each factor; float32 was asked for.
      cuda.add("use_tf32", "0");
      options.addCUDA(cuda);
    } catch (OrtException | LinkageError e) {
      throw new BackendException(
          "cuda:%d cannot be used: %s; check the NVIDIA driver, CUDA and cuDNN, or choose device cpu"
              .formatted(cudaDevice, OneLine.reason(e)),
          e);
    }
    try {
      options.addConfigEntry("session.disable_cpu_ep_fallback", "1");
    } catch (OrtException e) {
      throw new BackendException(
          "ONNX Runtime would fall back to the processor: " + OneLine.reason(e), e);
    }
  }
}
