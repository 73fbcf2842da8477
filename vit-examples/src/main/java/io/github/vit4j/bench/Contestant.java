package io.github.vit4j.bench;

/** Something that runs the model, on one thread of ours or another process's. */
interface Contestant extends AutoCloseable {
  /** For example {@code onnx} or {@code transformers, torch.compile}. */
  String engine();

  /** For example {@code cpu}. */
  String device();

  /** For example {@code float32}. */
  String precision();

  /** Threads a run. */
  int threads();

  /** Runs at once. */
  int callers();

  /** Whether this is ViT4J, not what it is compared with. */
  boolean isOurs();

  /**
   * One turn: a run that does not count, then runs for at least that long and at least two.
   *
   * @param batch images a run
   * @param seconds how long at least
   * @return seconds a run took; with several callers the time divided by all of their runs
   */
  double turn(int batch, double seconds);

  /** float [batch * labels], to see that both compute the same. */
  float[] logits(int batch);

  @Override
  void close();
}
