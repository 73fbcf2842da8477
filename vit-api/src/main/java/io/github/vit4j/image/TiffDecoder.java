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
  private static final int SAMPLES_PER_PIXEL = 277;
  private static final int TILE_WIDTH = 322;
  private static final int TILE_LENGTH = 323;
  private static final int EXTRA_SAMPLES = 338;
  private static final int STRIP_OFFSETS = 273;
  private static final int STRIP_BYTE_COUNTS = 279;
  private static final int TILE_OFFSETS = 324;
  private static final int TILE_BYTE_COUNTS = 325;
  private static final int MAX_DIRECTORIES = 1024;
  private static final int[] TYPE_BYTES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};

  private final ByteBuffer in;
  private final boolean big;
  private long width;
  private long height;
  private long samplesPerPixel = 1;
  private long tileWidth = 1;
  private long tileLength = 1;
  private int orientation = 1;
  private boolean premultiplied;
  private long[] dataOffsets = new long[0];
  private long[] dataByteCounts = new long[0];

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
    decoder.checkSizes(limit);
    decoder.checkData();
    RgbImage image =
        ImageIoReaders.with(
            "tiff",
            file,
            reader -> {
              limit.check(reader.getWidth(0), reader.getHeight(0));
              Raster raster =
                  reader.canReadRaster() ? reader.readRaster(0, null) : reader.read(0).getRaster();
              if (decoder.premultiplied && raster.getNumBands() == 4) {
                return RasterConverter.premultipliedToRgb(raster);
              }
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
    if (tag == STRIP_OFFSETS || tag == TILE_OFFSETS) {
      dataOffsets = values(at, size, count);
    } else if (tag == STRIP_BYTE_COUNTS || tag == TILE_BYTE_COUNTS) {
      dataByteCounts = values(at, size, count);
    }
    int valueAt = at + (big ? 12 : 8);
    long value =
        size == 2
            ? Short.toUnsignedInt(in.getShort(valueAt))
            : Integer.toUnsignedLong(in.getInt(valueAt));
    switch (tag) {
      case 256 -> width = value;
      case 257 -> height = value;
      case SAMPLES_PER_PIXEL -> samplesPerPixel = value;
      case TILE_WIDTH -> tileWidth = value;
      case TILE_LENGTH -> tileLength = value;
      case EXTRA_SAMPLES -> premultiplied = value == 1;
      case ORIENTATION -> orientation = (int) Math.min(value, 9);
      default -> {}
    }
  }

  private long[] values(int at, int size, long count) throws IOException {
    // Before anything is allocated: the count of a type without a size has not been checked.
    if (size != 2 && size != 4 && size != 8) {
      throw new IOException("an offset has %d bytes".formatted(size));
    }
    int valueAt = at + (big ? 12 : 8);
    if (size * count > (big ? 8 : 4)) {
      long pointer = big ? in.getLong(valueAt) : Integer.toUnsignedLong(in.getInt(valueAt));
      valueAt = position(pointer, (int) (size * count));
    }
    long[] values = new long[(int) count];
    for (int i = 0; i < values.length; i++) {
      int p = valueAt + i * size;
      values[i] =
          switch (size) {
            case 2 -> Short.toUnsignedInt(in.getShort(p));
            case 4 -> Integer.toUnsignedLong(in.getInt(p));
            default -> in.getLong(p);
          };
    }
    return values;
  }

  /** The plug-in allocates as many samples as the file says, also for a tile beyond the picture. */
  private void checkSizes(PixelLimit limit) throws IOException {
    if (samplesPerPixel < 1 || samplesPerPixel > RasterConverter.MAX_BANDS) {
      throw new IOException(
          "it has %d samples a pixel, expected 1 to %d"
              .formatted(samplesPerPixel, RasterConverter.MAX_BANDS));
    }
    limit.check(tileWidth, tileLength);
  }

  /** The plug-in would fill up what is missing. */
  private void checkData() throws IOException {
    for (int i = 0; i < Math.min(dataOffsets.length, dataByteCounts.length); i++) {
      long end = dataOffsets[i] + dataByteCounts[i];
      if (dataOffsets[i] < 0 || dataByteCounts[i] < 0 || end < 0 || end > in.limit()) {
        throw new IOException("it is truncated");
      }
    }
  }
}
