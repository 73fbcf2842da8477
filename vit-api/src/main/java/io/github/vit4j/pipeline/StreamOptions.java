package io.github.vit4j.pipeline;

import io.github.vit4j.spi.ProcessorCores;
import io.github.vit4j.spi.SessionInfo;

/**
 * How many pictures are worked on at once when there are many of them.
 *
 * @param batchSize pictures a run of the engine, at least 1. Results come a batch at a time, so a
 *     stream that pictures arrive in slowly is better served with 1.
 * @param callers runs of the engine at once; 0 for as many as keep all cores busy: cores divided by
 *     the session's threads, at least 1; 2 where the session runs on a device that has memory of
 *     its own. On a processor, sessions opened with one thread (see {@link
 *     io.github.vit4j.LoadOptions#withThreads}) and one caller a core get most out of the engines
 *     that run callers side by side.
 * @param readers threads that decode and preprocess; 0 for one a core
 */
public record StreamOptions(int batchSize, int callers, int readers) {
  /** The most callers or readers. */
  public static final int MAX_THREADS = 1024;

  /** The most pictures a batch. */
  public static final int MAX_BATCH_SIZE = 1 << 16;

  private static final int DEFAULT_BATCH_SIZE = 8;

  /** Enough to have one copying its inputs while another computes. */
  private static final int CALLERS_OF_DEVICE = 2;

  /** Checks the ranges. */
  public StreamOptions {
    requireWithin("batchSize", batchSize, 1, MAX_BATCH_SIZE);
    requireWithin("callers", callers, 0, MAX_THREADS);
    requireWithin("readers", readers, 0, MAX_THREADS);
  }

  private static void requireWithin(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s must be from %d to %d, got %d".formatted(name, least, most, value));
    }
  }

  /** {@return batches of 8, and as many callers and readers as suit the session and machine} */
  public static StreamOptions defaults() {
    return new StreamOptions(DEFAULT_BATCH_SIZE, 0, 0);
  }

  /**
   * {@return these options with another number of pictures a batch}
   *
   * @param value from 1 to {@link #MAX_BATCH_SIZE}
   * @throws IllegalArgumentException if it is outside of that range
   */
  public StreamOptions withBatchSize(int value) {
    return new StreamOptions(value, callers, readers);
  }

  /**
   * {@return these options with another number of runs at once}
   *
   * @param value from 0, which chooses by session and machine, to {@link #MAX_THREADS}
   * @throws IllegalArgumentException if it is outside of that range
   */
  public StreamOptions withCallers(int value) {
    return new StreamOptions(batchSize, value, readers);
  }

  /**
   * {@return these options with another number of threads that decode and preprocess}
   *
   * @param value from 0, which chooses by machine, to {@link #MAX_THREADS}
   * @throws IllegalArgumentException if it is outside of that range
   */
  public StreamOptions withReaders(int value) {
    return new StreamOptions(batchSize, callers, value);
  }

  /**
   * {@return these options with numbers where they left the choice}
   *
   * @param session what the runs go to
   */
  StreamOptions resolve(SessionInfo session) {
    int cores = ProcessorCores.available();
    int chosenCallers =
        session.threads() == 0 ? CALLERS_OF_DEVICE : Math.max(1, cores / session.threads());
    return new StreamOptions(
        batchSize,
        callers == 0 ? Math.min(chosenCallers, MAX_THREADS) : callers,
        readers == 0 ? Math.min(cores, MAX_THREADS) : readers);
  }

  /** Of resolved options: one for each caller, what readers fill at once, and one handed out. */
  int batchesUnderWay() {
    return callers + Math.ceilDiv(readers, batchSize) + 1;
  }
}
