package io.github.vit4j.backend.tornado;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Threads that share out the blocks of a kernel call; the caller is one of them. Called by one
 * thread at a time. A forward pass hands out work a hundred times in some milliseconds, so that
 * waking up must be cheap.
 */
final class Workers implements AutoCloseable {
  /** Looks at the next job that often before a thread goes to sleep, where spinning is allowed. */
  private static final int SPINS = 20_000;

  private final List<Thread> threads;
  private final int spins;
  private volatile @Nullable Job job;
  private volatile boolean closed;
  private long jobs;

  /**
   * A number of threads, of which all but the caller's are started.
   *
   * @throws OutOfMemoryError if the system does not give that many
   */
  Workers(int count, boolean allowSpinning) {
    this.spins = allowSpinning ? SPINS : 0;
    this.threads = new ArrayList<>(count - 1);
    try {
      for (int i = 1; i < count; i++) {
        int worker = i;
        threads.add(
            Thread.ofPlatform().daemon().name("vit-tornado-" + worker).start(() -> work(worker)));
      }
    } catch (OutOfMemoryError e) {
      close();
      throw e;
    }
  }

  /** How many there are. */
  int count() {
    return threads.size() + 1;
  }

  /**
   * Calls {@code body} for every block, in any order, and returns when all calls have returned.
   *
   * @throws Error or RuntimeException that a call threw
   */
  void forEach(int blocks, Body body) {
    if (blocks <= 1 || threads.size() == 0) {
      for (int block = 0; block < blocks; block++) {
        body.run(0, block);
      }
      return;
    }
    Job current = new Job(++jobs, blocks, body, Thread.currentThread());
    job = current;
    for (int i = 0; i < Math.min(threads.size(), blocks - 1); i++) {
      LockSupport.unpark(threads.get(i));
    }
    current.takePart(0);
    current.await(spins);
    job = null;
    Throwable failure = current.failure;
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure != null) {
      throw (RuntimeException) failure;
    }
  }

  private void work(int worker) {
    long last = 0;
    int idle = 0;
    while (!closed) {
      long taken = takePart(worker, last);
      if (taken != last) {
        last = taken;
        idle = 0;
      } else if (idle < spins) {
        idle++;
        Thread.onSpinWait();
      } else {
        LockSupport.park(this);
      }
    }
  }

  /** In a method of its own, so that a thread that sleeps does not hold a job and its arrays. */
  private long takePart(int worker, long last) {
    Job current = job;
    if (current == null || current.number == last) {
      return last;
    }
    current.takePart(worker);
    return current.number;
  }

  /** Ends the threads and waits until they have ended. */
  @Override
  public void close() {
    closed = true;
    boolean interrupted = false;
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true; // they end at once; being told so can wait
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** What is done for each block. */
  interface Body {
    /** Does block {@code block}; {@code worker} is below {@link #count}, one call at a time. */
    void run(int worker, int block);
  }

  private static final class Job {
    private final long number;
    private final int blocks;
    private final Body body;
    private final Thread caller;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger left;
    private volatile @Nullable Throwable failure;

    Job(long number, int blocks, Body body, Thread caller) {
      this.number = number;
      this.blocks = blocks;
      this.body = body;
      this.caller = caller;
      this.left = new AtomicInteger(blocks);
    }

    void takePart(int worker) {
      for (int block = next.getAndIncrement(); block < blocks; block = next.getAndIncrement()) {
        try {
          if (failure == null) {
            body.run(worker, block);
          }
        } catch (RuntimeException | Error e) {
          failure = e; // any one of them will do
        }
        if (left.decrementAndGet() == 0) {
          LockSupport.unpark(caller);
        }
      }
    }

    void await(int spins) {
      for (int i = 0; i < spins && left.get() > 0; i++) {
        Thread.onSpinWait();
      }
      boolean interrupted = false;
      while (left.get() > 0) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted(); // else it would not sleep again
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
