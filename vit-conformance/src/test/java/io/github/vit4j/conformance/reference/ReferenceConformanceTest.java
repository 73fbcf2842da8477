package io.github.vit4j.conformance.reference;

import io.github.vit4j.conformance.BackendConformanceKit;
import io.github.vit4j.spi.BackendProvider;

/** The reference backend passes everything. */
class ReferenceConformanceTest extends BackendConformanceKit {
  @Override
  protected BackendProvider provider() {
    return new ReferenceBackendProvider();
  }
}
