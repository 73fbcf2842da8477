package io.github.vit4j.image;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * BMP with run-length encoding. Does what {@code BmpRleDecoder} of Pillow's BmpImagePlugin.py does,
 * also where a stream is damaged: other readers make other pictures of those.
 */
final class BmpRleDecoder {
  private final byte[] file;
  private final int width;
  private final boolean fourBits;
  private final byte[] indices;
  private int at;
  private int column;

  /** How many indices there are so far; may exceed the array, whose overflow is dropped. */
  private long count;

  private BmpRleDecoder(byte[] file, int at, int width, int height, boolean fourBits) {
    this.file = file;
    this.at = at;
    this.width = width;
    this.fourBits = fourBits;
    this.indices = new byte[Math.multiplyExact(width, height)];
  }

  /** Decodes a file whose header, little-endian in {@code in}, has been checked. */
  static RgbImage decode(byte[] file, ByteBuffer in, int width, int height, boolean fourBits)
      throws IOException {
    int colors = in.getInt(46) == 0 ? (fourBits ? 16 : 256) : in.getInt(46);
    long palette = 14L + Integer.toUnsignedLong(in.getInt(14));
    long data = Integer.toUnsignedLong(in.getInt(10));
    if (colors < 1 || colors > 65536 || palette + 4L * colors > in.limit() || data > in.limit()) {
      throw new IOException("its palette is damaged");
    }
    BmpRleDecoder decoder = new BmpRleDecoder(file, (int) data, width, height, fourBits);
    decoder.run();
    if (decoder.count < decoder.indices.length) {
      throw new IOException("it is truncated");
    }
    boolean fromTop = in.getInt(22) < 0;
    byte[] rgb = new byte[RasterConverter.arrayLength(width, height)];
    for (int y = 0; y < height; y++) {
      int from = (fromTop ? y : height - 1 - y) * width;
      int to = 3 * y * width;
      for (int x = 0; x < width; x++, to += 3) {
        int index = decoder.indices[from + x] & 0xff;
        if (index < colors) {
          int color = (int) palette + 4 * index;
          rgb[to] = file[color + 2];
          rgb[to + 1] = file[color + 1];
          rgb[to + 2] = file[color];
        }
      }
    }
    return RgbImage.of(width, height, rgb);
  }

  private void run() {
    while (count < indices.length && at + 1 < file.length) {
      int length = file[at] & 0xff;
      int value = file[at + 1] & 0xff;
      at += 2;
      if (length > 0) {
        repeat(Math.max(0, Math.min(length, width - column)), value);
      } else if (value == 0) {
        count = (count + width - 1) / width * width;
        column = 0;
      } else if (value == 1) {
        return;
      } else if (value == 2) {
        if (at + 1 >= file.length) {
          return;
        }
        count += (file[at] & 0xff) + (long) (file[at + 1] & 0xff) * width;
        column = (int) (count % width);
        at += 2;
      } else if (!copy(value)) {
        return;
      }
    }
  }

  private void put(int index) {
    if (count < indices.length) {
      indices[(int) count] = (byte) index;
    }
    count++;
  }

  private void repeat(int length, int value) {
    for (int i = 0; i < length; i++) {
      int nibble = i % 2 == 0 ? value >> 4 : value & 15;
      put(fourBits ? nibble : value);
    }
    column += length;
  }

  /** Returns whether anything may follow. */
  private boolean copy(int given) {
    int length = (int) Math.min(indices.length - count, given);
    int bytes = fourBits ? (length + 1) / 2 : length;
    int present = Math.min(bytes, file.length - at);
    for (int i = 0; i < present; i++) {
      int value = file[at + i] & 0xff;
      if (fourBits) {
        put(value >> 4);
        if (2 * i + 1 < length) {
          put(value & 15);
        }
      } else {
        put(value);
      }
    }
    at += present;
    if (present < bytes || count == indices.length) {
      return false;
    }
    column += given;
    // Runs of single pixels end at an even position in the file.
    at += at & 1;
    return true;
  }
}
