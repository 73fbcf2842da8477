package io.github.vit4j.backend.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.lang.ref.WeakReference;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkersTest {
  private static final long SLEEP_MILLISECONDS = 400;

  @ParameterizedTest
  @CsvSource({"1,false", "2,false", "3,true", "8,false"})
  void everyBlockIsDoneOnceByAWorkerOfItsOwn(int count, boolean spinning) {
    try (Workers workers = new Workers(count, spinning)) {
      AtomicIntegerArray busy = new AtomicIntegerArray(count);
      for (int round = 0; round < 2_000; round++) {
        int blocks = round % 37;
        AtomicIntegerArray done = new AtomicIntegerArray(blocks + 1);
        workers.forEach(
            blocks,
            (worker, block) -> {
              if (busy.incrementAndGet(worker) != 1) {
                throw new IllegalStateException("worker " + worker + " is called twice");
              }
              done.incrementAndGet(block);
              busy.decrementAndGet(worker);
            });
        for (int block = 0; block < blocks; block++) {
          assertThat(done.get(block)).isEqualTo(1);
        }
      }
    }
  }

  @Test
  void aFailureReachesTheCallerAndTheNextCallWorks() {
    try (Workers workers = new Workers(3, false)) {
      assertThatThrownBy(
              () ->
                  workers.forEach(
                      50,
                      (worker, block) -> {
                        if (block == 31) {
                          throw new OutOfMemoryError("test");
                        }
                      }))
          .isInstanceOf(OutOfMemoryError.class);
      Set<Integer> done = ConcurrentHashMap.newKeySet();
      workers.forEach(50, (worker, block) -> done.add(block));
      assertThat(done).hasSize(50);
    }
  }

  @Test
  void aCallerThatIsInterruptedSleepsUntilTheWorkIsDoneAndStaysInterrupted() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    try (Workers workers = new Workers(2, false)) {
      Thread.currentThread().interrupt();
      AtomicLong before = new AtomicLong();
      AtomicBoolean waited = new AtomicBoolean();
      Thread caller = Thread.currentThread();
      // Whichever block the other thread gets takes long.
      workers.forEach(
          2,
          (worker, block) -> {
            if (Thread.currentThread().equals(caller)) {
              while (!waited.get()) {
                Thread.onSpinWait();
              }
              before.set(threads.getCurrentThreadCpuTime());
            } else {
              waited.set(true);
              sleep();
            }
          });
      long taken = threads.getCurrentThreadCpuTime() - before.get();
      assertThat(Thread.interrupted()).isTrue();
      assertThat(taken).as("nanoseconds of a processor").isLessThan(SLEEP_MILLISECONDS * 500_000);
    }
  }

  private static void sleep() {
    try {
      Thread.sleep(SLEEP_MILLISECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void threadsThatSleepDoNotHoldTheArraysOfTheirLastCall() throws InterruptedException {
    try (Workers workers = new Workers(4, false)) {
      WeakReference<float[]> array = runOn(workers, new float[1000]);
      for (int i = 0; i < 100 && array.get() != null; i++) {
        System.gc();
        Thread.sleep(20);
      }
      assertThat(array.get()).isNull();
    }
  }

  private static WeakReference<float[]> runOn(Workers workers, float[] array) {
    workers.forEach(array.length, (worker, block) -> array[block] = worker);
    return new WeakReference<>(array);
  }

  @Test
  void noThreadIsLeftBehind() {
    new Workers(4, true).close();
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .noneMatch(name -> name.startsWith("vit-tornado-"));
  }
}
