package io.github.vit4j.bench;

import io.github.vit4j.conformance.NativeHeap;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * What this process holds after a garbage collection. Off Linux only the heap is known; the rest is
 * 0 there.
 *
 * @param memory resident bytes that no file backs, heap and native memory together, without what
 *     malloc keeps of what was freed (on glibc)
 * @param heap bytes of objects
 * @param threads of the JVM and the engines
 * @param files open files and sockets
 */
public record Held(long memory, long heap, long threads, long files) {
  private static final int READINGS = 5;
  private static final long PAUSE_NANOSECONDS = 40_000_000;

  /** Small enough for the young generation of every collector. */
  private static final int PIECE = 64 << 10;

  private static final int MOST_PIECES = 1 << 18;

  @SuppressWarnings("unused") // so that the pieces are really made
  private static volatile byte[] piece = {};

  /** The least of several readings, as what has become garbage is released some time later. */
  static Held now() {
    fillYoungGeneration();
    long memory = Long.MAX_VALUE;
    long heap = Long.MAX_VALUE;
    for (int i = 0; i < READINGS; i++) {
      System.gc();
      NativeHeap.trim();
      LockSupport.parkNanos(PAUSE_NANOSECONDS);
      memory = Math.min(memory, ProcessMemory.anonymous().orElse(0));
      heap = Math.min(heap, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    return new Held(
        memory, heap, entries(Path.of("/proc/self/task")), entries(Path.of("/proc/self/fd")));
  }

  /**
   * Makes garbage until the collector runs. Pages of the heap become resident when they are first
   * used, so that otherwise memory would grow until the first objects came round, with no leak.
   */
  private static void fillYoungGeneration() {
    long before = collections();
    for (int i = 0; i < MOST_PIECES && collections() == before; i++) {
      piece = new byte[PIECE];
    }
    piece = new byte[0];
  }

  private static long collections() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(GarbageCollectorMXBean::getCollectionCount)
        .sum();
  }

  private static long entries(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.count();
    } catch (IOException e) {
      return 0;
    }
  }
}
