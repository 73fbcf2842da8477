package io.github.vit4j.backend.tornado;

/** Chooses how the device {@code jvm} computes. */
final class Arithmetics {
  private Arithmetics() {}

  static Arithmetic chosen() {
    return new PlainArithmetic();
  }
}
