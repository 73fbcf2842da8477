package io.github.vit4j.image;

import com.sun.management.ThreadMXBean;
import io.github.vit4j.error.ImageException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Optional;

/**
 * What Jazzer calls with bytes of its making: {@link ImageReader} gives a picture within the limit
 * or an {@link ImageException} of one line, in little time and memory. Hangs, memory of libraries
 * and crashes of the process are watched by libFuzzer.
 */
public final class ImageReaderFuzzTarget {
  private static final int MAX_PIXELS = 1 << 20;

  /** A picture, its raster and what decoders keep besides, several times over. */
  private static final long MAX_ALLOCATED_BYTES = 192L << 20;

  private static final Duration MAX_DURATION = Duration.ofSeconds(5);

  private static final ImageReader READER = ImageReader.withMaxPixels(MAX_PIXELS);
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private ImageReaderFuzzTarget() {}

  /** The name and the signature that Jazzer looks for. */
  public static void fuzzerTestOneInput(byte[] file) {
    if (isExcessive(file).isPresent()) {
      // Again, because the first time may have loaded and instrumented classes.
      isExcessive(file)
          .ifPresent(
              excess -> {
                throw new AssertionError("%d bytes made %s".formatted(file.length, excess));
              });
    }
  }

  private static Optional<String> isExcessive(byte[] file) {
    long start = System.nanoTime();
    long allocated = allocatedBy(file);
    Duration duration = Duration.ofNanos(System.nanoTime() - start);
    return allocated > MAX_ALLOCATED_BYTES || duration.compareTo(MAX_DURATION) > 0
        ? Optional.of("%d MiB in %s".formatted(allocated >> 20, duration))
        : Optional.empty();
  }

  private static long allocatedBy(byte[] file) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      RgbImage image = READER.read(file);
      if ((long) image.width() * image.height() > MAX_PIXELS) {
        throw new AssertionError("a picture beyond the limit: " + image);
      }
    } catch (ImageException e) {
      String message = String.valueOf(e.getMessage());
      if (!message.startsWith("cannot read the image") || message.lines().count() != 1) {
        throw new AssertionError("not a clear line: " + message, e);
      }
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }
}
