package io.github.vit4j.backend.onnx;

import io.github.vit4j.conformance.BackendConformanceKit;
import io.github.vit4j.spi.BackendProvider;

class OnnxBackendConformanceTest extends BackendConformanceKit {
  @Override
  protected BackendProvider provider() {
    return new OnnxBackendProvider();
  }
}
