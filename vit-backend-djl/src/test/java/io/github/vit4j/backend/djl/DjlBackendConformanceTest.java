package io.github.vit4j.backend.djl;

import io.github.vit4j.conformance.BackendConformanceKit;
import io.github.vit4j.spi.BackendProvider;

class DjlBackendConformanceTest extends BackendConformanceKit {
  @Override
  protected BackendProvider provider() {
    return new DjlBackendProvider();
  }
}
