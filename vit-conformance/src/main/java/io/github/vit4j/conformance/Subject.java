package io.github.vit4j.conformance;

import io.github.vit4j.spi.BackendProvider;
import io.github.vit4j.spi.Precision;

/**
 * What is judged.
 *
 * @param provider the backend
 * @param version of its engine
 * @param device one of its devices
 * @param precision one of that device's precisions
 */
public record Subject(
    BackendProvider provider, String version, String device, Precision precision) {
  /** {@return backend, device and precision, for example {@code onnx on cpu, float32}} */
  @Override
  public String toString() {
    return "%s on %s, %s".formatted(provider.name(), device, precision);
  }
}
