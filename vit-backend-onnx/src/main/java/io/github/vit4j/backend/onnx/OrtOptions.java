package io.github.vit4j.backend.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.OneLine;

/**
 * What every session of a model is created with.
 *
 * @param threads threads per run, at least 1
 * @param allowSpinning whether idle threads wait busily
 * @param cudaDevice the number of the GPU, -1 for the processor
 */
record OrtOptions(int threads, boolean allowSpinning, int cudaDevice) {
  static final int NO_CUDA = -1;

  /** New native options; the caller closes them. */
  OrtSession.SessionOptions create() throws OrtException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    try {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
      options.setInterOpNumThreads(1);
      options.setIntraOpNumThreads(threads);
      options.addConfigEntry("session.intra_op.allow_spinning", allowSpinning ? "1" : "0");
      if (cudaDevice != NO_CUDA) {
        addCuda(options);
      }
      return options;
    } catch (OrtException | RuntimeException e) {
      options.close();
      throw e;
    }
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
