package io.github.vit4j.spi;

/**
 * What a session is to run on.
 *
 * @param device the name of one of the backend's devices
 * @param precision one of that device's precisions
 * @param threads threads per run on the processor; 0 lets the backend choose (one per physical core
 *     that the process may use)
 * @param allowSpinning whether idle threads may wait busily for long, between runs too, which can
 *     be a little faster on an otherwise idle machine and is much slower on a busy one; moments
 *     within a run are the backend's own affair
 */
public record SessionOptions(
    String device, Precision precision, int threads, boolean allowSpinning) {
  /** Checks that the number of threads is not negative. */
  public SessionOptions {
    if (threads < 0) {
      throw new IllegalArgumentException("threads must not be negative, got " + threads);
    }
  }
}
