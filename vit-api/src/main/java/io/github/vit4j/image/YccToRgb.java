package io.github.vit4j.image;

/** Full-range BT.601 luma and chroma to RGB with the tables of libjpeg's jdcolor.c. */
final class YccToRgb {
  private static final int SCALE_BITS = 16;
  private static final int HALF = 1 << (SCALE_BITS - 1);
  private static final int[] CR_TO_RED = new int[256];
  private static final int[] CB_TO_BLUE = new int[256];
  private static final int[] CR_TO_GREEN = new int[256];
  private static final int[] CB_TO_GREEN = new int[256];

  static {
    for (int i = 0; i < 256; i++) {
      int x = i - 128;
      CR_TO_RED[i] = (fixed(1.40200) * x + HALF) >> SCALE_BITS;
      CB_TO_BLUE[i] = (fixed(1.77200) * x + HALF) >> SCALE_BITS;
      CR_TO_GREEN[i] = -fixed(0.71414) * x;
      CB_TO_GREEN[i] = -fixed(0.34414) * x + HALF;
    }
  }

  private YccToRgb() {}

  private static int fixed(double x) {
    return (int) (x * (1 << SCALE_BITS) + 0.5);
  }

  /** Replaces interleaved Y, Cb, Cr by R, G, B. */
  static void convert(byte[] pixels) {
    for (int i = 0; i < pixels.length; i += 3) {
      int y = pixels[i] & 0xff;
      int cb = pixels[i + 1] & 0xff;
      int cr = pixels[i + 2] & 0xff;
      pixels[i] = clip(y + CR_TO_RED[cr]);
      pixels[i + 1] = clip(y + ((CB_TO_GREEN[cb] + CR_TO_GREEN[cr]) >> SCALE_BITS));
      pixels[i + 2] = clip(y + CB_TO_BLUE[cb]);
    }
  }

  private static byte clip(int level) {
    return (byte) Math.max(0, Math.min(255, level));
  }
}
