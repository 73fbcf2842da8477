package io.github.vit4j.image;

import io.github.vit4j.Fuzzing;
import io.github.vit4j.error.ImageException;

/**
 * What Jazzer calls with bytes of its making: {@link ImageReader} gives a picture within the limit
 * or an {@link ImageException} of one line, in little time and memory. Hangs, memory of libraries
 * and crashes of the process are watched by libFuzzer.
 */
public final class ImageReaderFuzzTarget {
  private static final int MAX_PIXELS = 1 << 19;

  /**
   * A picture, its raster and what decoders keep besides, several times over, and what they leave
   * behind for each row: there are as many as pixels where the picture is one pixel wide.
   */
  private static final long MAX_ALLOCATED_BYTES = (192L << 20) + 1024L * MAX_PIXELS;

  private static final ImageReader READER = ImageReader.withMaxPixels(MAX_PIXELS);

  private ImageReaderFuzzTarget() {}

  /** The name and the signature that Jazzer looks for. */
  public static void fuzzerTestOneInput(byte[] file) {
    Fuzzing.requireModest(MAX_ALLOCATED_BYTES, file.length + " bytes", () -> read(file));
  }

  private static void read(byte[] file) {
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
  }
}
