package io.github.vit4j.image;

import java.awt.image.Raster;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * The first page of a TIFF by the TwelveMonkeys reader, after a look at its directories: arrays
 * that claim more bytes than the file has must not be allocated, and tiles and the JPEG files in
 * them must not take more work than a picture of that size.
 */
final class TiffDecoder {
  private static final int WIDTH = 256;
  private static final int LENGTH = 257;
  private static final int COMPRESSION = 259;
  private static final int ORIENTATION = 274;
  private static final int SAMPLES_PER_PIXEL = 277;
  private static final int TILE_WIDTH = 322;
  private static final int TILE_LENGTH = 323;
  private static final int EXTRA_SAMPLES = 338;
  private static final int STRIP_OFFSETS = 273;
  private static final int STRIP_BYTE_COUNTS = 279;
  private static final int TILE_OFFSETS = 324;
  private static final int TILE_BYTE_COUNTS = 325;
  private static final int ROWS_PER_STRIP = 278;
  private static final int JPEG_INTERCHANGE_FORMAT = 513;

  /** Values of {@link #COMPRESSION}: JPEG as in TIFF 6.0, and as in its Technical Note 2. */
  private static final int OLD_JPEG = 6;

  private static final int NEW_JPEG = 7;

  private static final int MAX_DIRECTORIES = 1024;

  /** A picture of 2^28 pixels has as many tiles of 16x16, the smallest that there may be. */
  private static final int MAX_TILES = 1 << 20;

  private static final int[] TYPE_BYTES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};

  private final ByteBuffer in;
  private final boolean big;
  private long width;
  private long height;
  private long samplesPerPixel = 1;

  /** Of a tile; 0 where there are strips. */
  private long tileWidth;

  private long tileLength;
  private long rowsPerStrip = Long.MAX_VALUE;
  private long compression = 1;
  private long jpegOffset;
  private int orientation = 1;
  private boolean premultiplied;
  private long[] stripOffsets = new long[0];
  private long[] stripByteCounts = new long[0];
  private long[] tileOffsets = new long[0];
  private long[] tileByteCounts = new long[0];
  private final Set<Integer> seen = new HashSet<>();

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
    decoder.checkJpegs(file, limit);
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
    if (first && count >= 1) {
      readValue(tag, at, size, count);
    }
  }

  private void readValue(int tag, int at, int size, long count) throws IOException {
    switch (tag) {
      case STRIP_OFFSETS -> stripOffsets = values(at, size, count);
      case STRIP_BYTE_COUNTS -> stripByteCounts = values(at, size, count);
      case TILE_OFFSETS -> tileOffsets = values(at, size, count);
      case TILE_BYTE_COUNTS -> tileByteCounts = values(at, size, count);
      case WIDTH -> width = value(at, size, count);
      case LENGTH -> height = value(at, size, count);
      case COMPRESSION -> compression = value(at, size, count);
      case SAMPLES_PER_PIXEL -> samplesPerPixel = value(at, size, count);
      case TILE_WIDTH -> tileWidth = value(at, size, count);
      case TILE_LENGTH -> tileLength = value(at, size, count);
      case ROWS_PER_STRIP -> rowsPerStrip = value(at, size, count);
      case EXTRA_SAMPLES -> premultiplied = value(at, size, count) == 1;
      case ORIENTATION -> orientation = Math.clamp(value(at, size, count), 0, 9);
      case JPEG_INTERCHANGE_FORMAT -> jpegOffset = value(at, size, count);
      default -> {
        return;
      }
    }
    if (!seen.add(tag)) {
      // The plug-in takes the first, Pillow the last.
      throw new IOException("tag %d is there twice".formatted(tag));
    }
  }

  /** The first of the values of an entry. */
  private long value(int at, int size, long count) throws IOException {
    return number(valuesAt(at, size, count), size);
  }

  private long[] values(int at, int size, long count) throws IOException {
    // Before anything is allocated: the count of a type without a size has not been checked.
    if (count > (long) RasterConverter.MAX_BANDS * MAX_TILES) {
      throw new IOException("it has %d strips or tiles".formatted(count));
    }
    int valuesAt = valuesAt(at, size, count);
    long[] values = new long[(int) count];
    for (int i = 0; i < values.length; i++) {
      values[i] = number(valuesAt + i * size, size);
    }
    return values;
  }

  /** In the entry where they fit, else where it points to. */
  private int valuesAt(int at, int size, long count) throws IOException {
    if (size != 1 && size != 2 && size != 4 && size != 8) {
      throw new IOException("a number has %d bytes".formatted(size));
    }
    int valueAt = at + (big ? 12 : 8);
    if (size * count <= (big ? 8 : 4)) {
      return valueAt;
    }
    long pointer = big ? in.getLong(valueAt) : Integer.toUnsignedLong(in.getInt(valueAt));
    return position(pointer, (int) (size * count));
  }

  private long number(int at, int size) {
    return switch (size) {
      case 1 -> Byte.toUnsignedInt(in.get(at));
      case 2 -> Short.toUnsignedInt(in.getShort(at));
      case 4 -> Integer.toUnsignedLong(in.getInt(at));
      default -> in.getLong(at);
    };
  }

  /** The plug-in allocates as many samples as the file says, also for a tile beyond the picture. */
  private void checkSizes(PixelLimit limit) throws IOException {
    if (samplesPerPixel < 1 || samplesPerPixel > RasterConverter.MAX_BANDS) {
      throw new IOException(
          "it has %d samples a pixel, expected 1 to %d"
              .formatted(samplesPerPixel, RasterConverter.MAX_BANDS));
    }
    long columns = partWidth();
    long rows = partLength();
    limit.check(columns, rows);
    long across = (width + columns - 1) / columns;
    long down = (height + rows - 1) / rows;
    if (across * down > MAX_TILES) {
      throw new IOException(
          "it has %d strips or tiles, more than %d".formatted(across * down, MAX_TILES));
    }
    // What tiles have beyond the picture is decoded too.
    if (across * columns * down * rows > 2 * limit.maxPixels()) {
      throw new IOException(
          "its tiles of %dx%d pixels have %d together, too many for a picture of %dx%d"
              .formatted(columns, rows, across * columns * down * rows, width, height));
    }
  }

  /** The width of a tile or strip. */
  private long partWidth() {
    return tileWidth != 0 ? tileWidth : width;
  }

  private long partLength() {
    return tileLength != 0 ? tileLength : Math.min(rowsPerStrip, height);
  }

  /** Where the data of tiles or strips are; the plug-in takes strips where there are no tiles. */
  private long[] dataOffsets() {
    return tileOffsets.length > 0 ? tileOffsets : stripOffsets;
  }

  private long[] dataByteCounts() {
    return tileOffsets.length > 0 ? tileByteCounts : stripByteCounts;
  }

  /** The plug-in would fill up what is missing. */
  private void checkData() throws IOException {
    long[] offsets = dataOffsets();
    long[] byteCounts = dataByteCounts();
    for (int i = 0; i < Math.min(offsets.length, byteCounts.length); i++) {
      long end = offsets[i] + byteCounts[i];
      if (offsets[i] < 0 || byteCounts[i] < 0 || end < 0 || end > in.limit()) {
        throw new IOException("it is truncated");
      }
    }
  }

  /**
   * A JPEG has a size of its own, of which the plug-in keeps what the picture needs, and any number
   * of scans. All of them together may take the work of one JPEG that is as large as the limit.
   */
  private void checkJpegs(byte[] file, PixelLimit limit) throws IOException {
    if (compression != OLD_JPEG && compression != NEW_JPEG) {
      return;
    }
    byte[] header = jpegHeader(file);
    long[] offsets = dataOffsets();
    long[] lengths = jpegLengths(offsets.length);
    long work = 0;
    for (int i = 0; i < offsets.length; i++) {
      int from = position(offsets[i], 0);
      int to = (int) Math.min(file.length, from + lengths[i]);
      JpegExtent extent = extent(header, file, from, to);
      if (extent.scans() > JpegDecoder.MAX_SCANS) {
        throw new IOException(
            "its JPEG data has more than %d scans".formatted(JpegDecoder.MAX_SCANS));
      }
      if (extent.width() > 0 && extent.height() > 0) {
        limit.check(extent.width(), extent.height());
      }
      if (compression == NEW_JPEG) {
        checkJpegSize(extent, tileOffsets.length == 0 && i == offsets.length - 1);
      }
      work += header.length + to - from + extent.scans() * extent.width() * extent.height();
      if (work > JpegDecoder.MAX_SCANS * limit.maxPixels()) {
        throw new IOException("its JPEG data takes more work than a picture of the limit's size");
      }
    }
  }

  /** By the rules of libtiff's tif_jpeg.c. */
  private void checkJpegSize(JpegExtent extent, boolean isLastStrip) throws IOException {
    long columns = partWidth();
    long rows = partLength();
    boolean isHighStrip = isLastStrip && extent.width() == columns;
    if (extent.width() > columns || (extent.height() > rows && !isHighStrip)) {
      throw new IOException(
          "its JPEG data has %dx%d pixels, expected %dx%d"
              .formatted(extent.width(), extent.height(), columns, rows));
    }
  }

  /** How many bytes the plug-in reads at most of each strip or tile. */
  private long[] jpegLengths(int parts) {
    long[] byteCounts = dataByteCounts();
    boolean isKnown = byteCounts.length >= parts && Arrays.stream(byteCounts).allMatch(n -> n > 0);
    if (isKnown && (compression == NEW_JPEG || parts > 1)) {
      return byteCounts;
    }
    long[] lengths = new long[parts];
    Arrays.fill(lengths, compression == NEW_JPEG ? Short.MAX_VALUE : in.limit());
    return lengths;
  }

  private static JpegExtent extent(byte[] header, byte[] file, int from, int to) {
    if (header.length == 0) {
      return JpegExtent.of(file, from, to); // as large as the file may be: not copied
    }
    byte[] joined = Arrays.copyOf(header, header.length + to - from);
    System.arraycopy(file, from, joined, header.length, to - from);
    return JpegExtent.of(joined, 0, joined.length);
  }

  /** What the plug-in puts before each strip: from the start of the JPEG to the first strip. */
  private byte[] jpegHeader(byte[] file) throws IOException {
    long[] offsets = dataOffsets();
    if (compression == NEW_JPEG || jpegOffset == 0 || offsets.length == 0) {
      return new byte[0];
    }
    int from = position(jpegOffset, 2);
    boolean begins = file[from] == (byte) 0xff && file[from + 1] == (byte) 0xd8;
    if (from >= offsets[0] || (offsets.length == 1 && !begins)) {
      return new byte[0];
    }
    return Arrays.copyOfRange(file, from, position(offsets[0], 0));
  }
}
