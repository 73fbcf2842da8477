package io.github.vit4j.spi;

import java.util.Objects;

/**
 * What a session really runs on.
 *
 * @param backend the provider's name
 * @param version of the engine
 * @param device the name of the device in use
 * @param precision the arithmetic in use
 * @param threads threads per run on the processor; 0 where the work is done elsewhere
 */
public record SessionInfo(
    String backend, String version, String device, Precision precision, int threads) {
  /** Checks that nothing is null. */
  public SessionInfo {
    Objects.requireNonNull(backend, "a session has a backend");
    Objects.requireNonNull(version, "a session's engine has a version");
    Objects.requireNonNull(device, "a session has a device");
    Objects.requireNonNull(precision, "a session has a precision");
  }

  /**
   * {@return all of it on a line, for example {@code onnx (ONNX Runtime 1.29.0) on cpu, float32, 2
   * threads}}
   */
  @Override
  public String toString() {
    return "%s (%s) on %s, %s%s"
        .formatted(
            backend,
            version,
            device,
            precision,
            threads == 0 ? "" : ", " + threads + (threads == 1 ? " thread" : " threads"));
  }
}
