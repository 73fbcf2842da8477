package io.github.vit4j.hub;

import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/** The same for several things at once. */
final class Parallel {
  private Parallel() {}

  /**
   * Does it for all, at most so many at a time. The first failure interrupts the others and is
   * thrown when they have ended.
   */
  static <T> void forEach(List<T> things, int parallel, Consumer<T> action) {
    if (things.size() == 1) {
      action.accept(things.getFirst());
      return;
    }
    ExecutorService executor =
        Executors.newFixedThreadPool(
            Math.clamp(things.size(), 1, parallel),
            Thread.ofPlatform().daemon().name("vit4j-download-", 0).factory());
    try (executor) {
      ExecutorCompletionService<Boolean> running = new ExecutorCompletionService<>(executor);
      for (T thing : things) {
        running.submit(() -> action.accept(thing), true);
      }
      for (int i = 0; i < things.size(); i++) {
        boolean done = running.take().get();
        assert done;
      }
    } catch (InterruptedException e) {
      executor.shutdownNow();
      throw Retries.interrupted("download", e);
    } catch (ExecutionException e) {
      executor.shutdownNow();
      switch (e.getCause()) {
        case RuntimeException failure -> throw failure;
        case Error failure -> throw failure;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }
}
