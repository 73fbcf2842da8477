package io.github.vit4j.image;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Interleaved levels in another order. */
final class ByteOrders {
  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** Of two pixels, the bytes that are swapped with the one two places further on. */
  private static final long FIRST = 0x0000_0000_ff00_00ffL;

  private ByteOrders() {}

  /** Pixels of blue, green and red become such of red, green and blue, or the other way round. */
  static void swapRedAndBlue(byte[] pixels) {
    int i = 0;
    // Two pixels at a time, and two bytes more that stay.
    for (; i + Long.BYTES <= pixels.length; i += 6) {
      long two = (long) EIGHT.get(pixels, i);
      long swapped = (two & FIRST) << 16 | (two >>> 16 & FIRST);
      EIGHT.set(pixels, i, (two & ~(FIRST | FIRST << 16)) | swapped);
    }
    for (; i < pixels.length; i += 3) {
      byte first = pixels[i];
      pixels[i] = pixels[i + 2];
      pixels[i + 2] = first;
    }
  }
}
