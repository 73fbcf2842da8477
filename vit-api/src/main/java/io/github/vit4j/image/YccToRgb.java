package io.github.vit4j.image;

/**
 * Full-range BT.601 luma and chroma to RGB with the arithmetic of libjpeg's jdcolor.c.
 *
 * <p>The three sums of a pixel are added at once, in lanes of a long: green with libjpeg's 16
 * fraction bits in bits 0 to 31, red in bits 32 to 47, blue in bits 48 to 63. Each has {@value
 * #OFFSET} added, so that no lane is negative and none borrows from the next.
 */
final class YccToRgb {
  private static final int SCALE_BITS = 16;
  private static final int HALF = 1 << (SCALE_BITS - 1);
  private static final int RED = 32;
  private static final int BLUE = 48;

  /** More than any channel can be below 0 (227) and less than what a lane has room for. */
  private static final int OFFSET = 256;

  /** Luma in all lanes. */
  private static final long ALL = 1L << SCALE_BITS | 1L << RED | 1L << BLUE;

  private static final long[] OF_CR = new long[256];
  private static final long[] OF_CB = new long[256];

  /** Levels of what is in a lane. */
  private static final byte[] CLIPPED = new byte[4 * OFFSET];

  static {
    for (int i = 0; i < 256; i++) {
      int x = i - 128;
      long red = (fixed(1.40200) * x + HALF) >> SCALE_BITS;
      long blue = (fixed(1.77200) * x + HALF) >> SCALE_BITS;
      long greenOfCr = -fixed(0.71414) * x;
      long greenOfCb = -fixed(0.34414) * x + HALF;
      OF_CR[i] = ((red + OFFSET) << RED) + greenOfCr;
      OF_CB[i] = ((blue + OFFSET) << BLUE) + greenOfCb + ((long) OFFSET << SCALE_BITS);
    }
    for (int i = 0; i < CLIPPED.length; i++) {
      CLIPPED[i] = (byte) Math.clamp(i - OFFSET, 0, 255);
    }
  }

  private YccToRgb() {}

  private static long fixed(double x) {
    return (long) (x * (1 << SCALE_BITS) + 0.5);
  }

  /** Replaces interleaved Y, Cb, Cr by R, G, B. */
  static void convert(byte[] pixels) {
    for (int i = 0; i < pixels.length; i += 3) {
      long sums =
          OF_CR[pixels[i + 2] & 0xff] + OF_CB[pixels[i + 1] & 0xff] + (pixels[i] & 0xff) * ALL;
      pixels[i] = level(sums >>> RED);
      pixels[i + 1] = level(sums >>> SCALE_BITS);
      pixels[i + 2] = level(sums >>> BLUE);
    }
  }

  private static byte level(long lane) {
    return CLIPPED[(int) lane & (CLIPPED.length - 1)];
  }
}
