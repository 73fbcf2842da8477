package io.github.vit4j.image;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryManagerMXBean;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/**
 * A fault of the JDK's JPEG reader, seen in JDK 25.0.3: when it warns of damaged data it makes a
 * string while it holds arrays with {@code GetPrimitiveArrayCritical} ({@code
 * sun_jpeg_output_message} of its imageioJPEG.c). If that is the moment when the heap is full, the
 * serial and the parallel collector wait until no thread holds such arrays, also for the one that
 * is waiting itself: the whole JVM stands still. G1 does not wait. Nothing that Java code can do
 * prevents it, so whoever reads damaged files under those collectors is told, once.
 */
final class JdkJpegFault {
  private static final System.Logger LOGGER = System.getLogger(JdkJpegFault.class.getName());

  /** What the collectors of young objects are called that wait: of Serial and Parallel. */
  private static final List<String> WAITING = List.of("Copy", "PS Scavenge");

  private static final AtomicBoolean WARNED = new AtomicBoolean();

  private JdkJpegFault() {}

  /** To call where the reader has warned of damaged data. */
  static void warnOnce() {
    if (WARNED.getAndSet(true)) {
      return;
    }
    String collectors =
        ManagementFactory.getGarbageCollectorMXBeans().stream()
            .map(MemoryManagerMXBean::getName)
            .filter(WAITING::contains)
            .collect(Collectors.joining(", "));
    if (!collectors.isEmpty()) {
      LOGGER.log(
          System.Logger.Level.WARNING,
          "a damaged JPEG was read by the JDK, which can stop this whole JVM under its garbage collector ({0}); start Java with -XX:+UseG1GC, or install libjpeg-turbo",
          collectors);
    }
  }
}
