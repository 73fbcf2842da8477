package io.github.vit4j.bench;

import io.github.vit4j.ViTForImageClassification;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.spi.SessionInfo;
import io.github.vit4j.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/**
 * A model of ours, run by one or more callers at once.
 *
 * @param model closed with this
 * @param callers at least 1
 * @param inputs pixel values of a batch size
 */
record OurContestant(ViTForImageClassification model, int callers, IntFunction<Tensor> inputs)
    implements Contestant {
  private SessionInfo info() {
    return model.info();
  }

  @Override
  public String engine() {
    return info().backend();
  }

  @Override
  public String device() {
    return info().device();
  }

  @Override
  public String precision() {
    return info().precision().toString();
  }

  @Override
  public int threads() {
    return info().threads();
  }

  @Override
  public boolean isOurs() {
    return true;
  }

  @Override
  public double turn(int batch, double seconds) {
    Tensor pixels = inputs.apply(batch);
    if (callers == 1) {
      model.forward(pixels);
      long start = System.nanoTime();
      int runs = runs(pixels, start, seconds);
      return since(start) / runs;
    }
    CountDownLatch ready = new CountDownLatch(callers);
    List<Future<Integer>> counts = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(callers)) {
      CountDownLatch go = new CountDownLatch(1);
      long[] start = new long[1];
      for (int caller = 0; caller < callers; caller++) {
        counts.add(
            executor.submit(
                () -> {
                  try {
                    model.forward(pixels);
                  } finally {
                    ready.countDown(); // also after a failure, which the others do not wait for
                  }
                  go.await();
                  return runs(pixels, start[0], seconds);
                }));
      }
      ready.await();
      start[0] = System.nanoTime();
      go.countDown();
      int runs = 0;
      for (Future<Integer> count : counts) {
        runs += count.get();
      }
      return since(start[0]) / runs;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackendException("interrupted while measuring", e);
    } catch (ExecutionException e) {
      throw new BackendException("%s failed: %s".formatted(info(), e.getCause()), e);
    }
  }

  private int runs(Tensor pixels, long start, double seconds) {
    int runs = 0;
    do {
      model.forward(pixels);
      runs++;
    } while (runs < 2 || since(start) < seconds);
    return runs;
  }

  private static double since(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  @Override
  public float[] logits(int batch) {
    return model.forward(inputs.apply(batch)).logits().toFloatArray();
  }

  @Override
  public void close() {
    model.close();
  }
}
