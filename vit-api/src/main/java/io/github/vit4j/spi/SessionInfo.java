package io.github.vit4j.spi;

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
  /** For example {@code onnx (ONNX Runtime 1.29.0) on cpu, float32, 2 threads}. */
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
