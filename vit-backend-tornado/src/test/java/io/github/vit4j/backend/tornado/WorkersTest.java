package io.github.vit4j.backend.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkersTest {
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
  void noThreadIsLeftBehind() {
    new Workers(4, true).close();
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .noneMatch(name -> name.startsWith("vit-tornado-"));
  }
}
