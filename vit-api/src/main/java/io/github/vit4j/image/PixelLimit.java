package io.github.vit4j.image;

import java.io.IOException;

/** How large a picture may be; asked with the header's numbers before anything is allocated. */
record PixelLimit(long maxPixels) {
  /** An interleaved RGB array must be addressable with an int. */
  static final long MOST = (Integer.MAX_VALUE - 8) / 3;

  void check(long width, long height) throws IOException {
    if (width < 1 || height < 1) {
      throw new IOException("its header says " + width + "x" + height + " pixels");
    }
    if (width > maxPixels || height > maxPixels || width * height > maxPixels) {
      throw new IOException(
          "its header says %dx%d pixels, more than the limit of %d; shrink the image or raise the limit with ImageReader.withMaxPixels"
              .formatted(width, height, maxPixels));
    }
    // The decoder's raster and the RGB copy together.
    checkMemory(width, height, 2 * 3);
  }

  /** A picture that cannot fit into the heap must not start to load. */
  static void checkMemory(long width, long height, int bytesPerPixel) throws IOException {
    long needed = bytesPerPixel * width * height;
    long heap = Runtime.getRuntime().maxMemory();
    if (needed > heap) {
      throw new IOException(
          "its header says %dx%d pixels, which takes about %d MiB, but the heap has %d MiB; shrink the image or raise -Xmx"
              .formatted(width, height, needed >> 20, heap >> 20));
    }
  }
}
