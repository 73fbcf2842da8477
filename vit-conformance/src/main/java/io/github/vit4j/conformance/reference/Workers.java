package io.github.vit4j.conformance.reference;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** Threads that share out the rows of a matrix. */
final class Workers implements AutoCloseable {
  private final int threads;
  private final ExecutorService executor;

  Workers(int threads) {
    this.threads = threads;
    this.executor =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().daemon().name("vit-reference-", 0).factory());
  }

  /** Calls {@code body} with 0 to {@code count - 1}, in any order, and waits for all of them. */
  void forEach(int count, IntConsumer body) {
    AtomicInteger next = new AtomicInteger();
    Runnable worker =
        () -> {
          for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
            body.accept(i);
          }
        };
    CompletableFuture.allOf(
            IntStream.range(0, Math.min(threads, count))
                .mapToObj(i -> CompletableFuture.runAsync(worker, executor))
                .toArray(CompletableFuture[]::new))
        .join();
  }

  @Override
  public void close() {
    executor.close();
  }
}
