package io.github.vit4j.backend.tornado;

import io.github.vit4j.conformance.BackendConformanceKit;
import io.github.vit4j.spi.BackendProvider;

class TornadoBackendConformanceTest extends BackendConformanceKit {
  @Override
  protected BackendProvider provider() {
    return new TornadoBackendProvider();
  }
}
