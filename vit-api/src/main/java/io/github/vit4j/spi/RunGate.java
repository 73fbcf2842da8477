package io.github.vit4j.spi;

import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * For sessions: lets runs in side by side until it is closed; closing waits for those inside.
 * Native engines themselves would free memory under a run. Thread-safe.
 */
public final class RunGate {
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock(true);
  private boolean closed;

  /** An open gate. */
  public RunGate() {}

  /**
   * Runs {@code action}, beside any others; {@link #close} waits until it has ended.
   *
   * @param <T> the type of the result
   * @param action what to do while the session is open
   * @return what {@code action} gives
   * @throws IllegalStateException if the gate is closed
   */
  public <T> T run(Supplier<T> action) {
    lock.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("this session is closed");
      }
      return action.get();
    } finally {
      lock.readLock().unlock();
    }
  }

  /**
   * Closes the gate and runs {@code release} once, when nothing is inside any more. Closing again
   * does nothing.
   *
   * @param release frees what the runs used
   */
  public void close(Runnable release) {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        release.run();
      }
    } finally {
      lock.writeLock().unlock();
    }
  }
}
