package io.github.vit4j.image;

import java.awt.image.Raster;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The first page of a TIFF by the TwelveMonkeys reader, after a look at its directories: arrays
 * that claim more bytes than the file has must not be allocated.
 */
final class TiffDecoder {
  private static final int ORIENTATION = 274;
  private static final int MAX_DIRECTORIES = 1024;
  private static final int[] TYPE_BYTES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};

  private final ByteBuffer in;
  private final boolean big;
  private long width;
  private long height;
  private int orientation = 1;

  private TiffDecoder(byte[] file) {
    ByteOrder order = file[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    this.in = ByteBuffer.wrap(file).order(order);
    this.big = in.getShort(2) == 43;
  }

  static RgbImage decode(byte[] file, PixelLimit limit) throws IOException {
    if (file.length < 16) {
      throw new IOException("it is truncated");
    }
    TiffDecoder decoder = new TiffDecoder(file);
    decoder.readDirectories();
    limit.check(decoder.width, decoder.height);
    RgbImage image =
        ImageIoReaders.with(
            "tiff",
            file,
            reader -> {
              limit.check(reader.getWidth(0), reader.getHeight(0));
              Raster raster =
                  reader.canReadRaster() ? reader.readRaster(0, null) : reader.read(0).getRaster();
              return RasterConverter.toRgb(raster, reader.getRawImageType(0).getColorModel());
            });
    return image.withExifOrientation(decoder.orientation);
  }

  private void readDirectories() throws IOException {
    long at = big ? in.getLong(8) : Integer.toUnsignedLong(in.getInt(4));
    boolean first = true;
    for (int n = 0; at != 0; n++) {
      if (n == MAX_DIRECTORIES) {
        throw new IOException("it has more than %d directories".formatted(MAX_DIRECTORIES));
      }
      at = readDirectory(at, first);
      first = false;
    }
  }

  /** Returns where the next one is; 0 where there is none. */
  private long readDirectory(long start, boolean first) throws IOException {
    int countBytes = big ? 8 : 2;
    int entryBytes = big ? 20 : 12;
    int at = position(start, countBytes);
    long entries = big ? in.getLong(at) : Short.toUnsignedInt(in.getShort(at));
    if (entries < 0 || entries > 65535) {
      throw new IOException("a directory has %d entries".formatted(entries));
    }
    for (int i = 0; i < entries; i++) {
      readEntry(position(start + countBytes + (long) i * entryBytes, entryBytes), first);
    }
    long next = start + countBytes + entries * entryBytes;
    if (next + (big ? 8 : 4) > in.limit()) {
      return 0;
    }
    return big ? in.getLong((int) next) : Integer.toUnsignedLong(in.getInt((int) next));
  }

  private int position(long at, int length) throws IOException {
    if (at < 0 || at > in.limit() - (long) length) {
      throw new IOException("it is truncated");
    }
    return (int) at;
  }

  private void readEntry(int at, boolean first) throws IOException {
    int tag = Short.toUnsignedInt(in.getShort(at));
    int type = Short.toUnsignedInt(in.getShort(at + 2));
    long count = big ? in.getLong(at + 4) : Integer.toUnsignedLong(in.getInt(at + 4));
    int size = type < TYPE_BYTES.length ? TYPE_BYTES[type] : 0;
    if (count < 0 || (size > 0 && count > in.limit() / size)) {
      throw new IOException(
          "tag %d claims %d values, more than the file has".formatted(tag, count));
    }
    if (!first || count < 1) {
      return;
    }
    int valueAt = at + (big ? 12 : 8);
    long value =
        size == 2
            ? Short.toUnsignedInt(in.getShort(valueAt))
            : Integer.toUnsignedLong(in.getInt(valueAt));
    switch (tag) {
      case 256 -> width = value;
      case 257 -> height = value;
      case ORIENTATION -> orientation = (int) Math.min(value, 9);
      default -> {}
    }
  }
}
