package io.github.vit4j.image;

import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * JPEG by the JDK's libjpeg, which is handed only the segments that pixels depend on: no profile to
 * apply, no metadata to stumble over. It gives the stored components; they are converted here with
 * libjpeg's own integer arithmetic (jdcolor.c), by the rules of libjpeg's {@code
 * default_decompress_parms} that Pillow follows.
 */
final class JpegDecoder {
  private static final byte[] EXIF = {'E', 'x', 'i', 'f', 0, 0};
  private static final byte[] XMP =
      "http://ns.adobe.com/xap/1.0/\0".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] JFIF = {'J', 'F', 'I', 'F', 0};
  private static final byte[] ADOBE = {'A', 'd', 'o', 'b', 'e'};

  /** Progressive files have about ten; each costs a pass over the whole picture. */
  static final int MAX_SCANS = 200;

  /** The marker before a scan, SOS. */
  static final int SCAN = 0xda;

  /** The marker at the end, EOI. */
  private static final int END = 0xd9;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private final byte[] file;
  private final ByteArrayOutputStream pixels;
  private final ByteArrayOutputStream exif = new ByteArrayOutputStream();
  private byte[] xmp = new byte[0];
  private boolean jfif;
  private int adobeTransform = -1;
  private int width;
  private int height;
  private int[] componentIds = new int[0];

  private JpegDecoder(byte[] file) {
    this.file = file;
    this.pixels = new ByteArrayOutputStream(file.length);
  }

  static boolean accepts(byte[] file) {
    return file.length >= 3
        && (file[0] & 0xff) == 0xff
        && (file[1] & 0xff) == 0xd8
        && (file[2] & 0xff) == 0xff;
  }

  /**
   * The picture, turned upright.
   *
   * @param other what decodes instead of the JDK's libjpeg where the components are those of most
   *     files: grey, or luma and chroma
   */
  static RgbImage decode(byte[] file, PixelLimit limit, Optional<ImageDecoder> other)
      throws IOException {
    JpegDecoder decoder = new JpegDecoder(file);
    decoder.readSegments(limit);
    return decoder
        .decode(other)
        .withExifOrientation(ExifOrientation.of(decoder.exif.toByteArray(), decoder.xmp));
  }

  private RgbImage decode(Optional<ImageDecoder> other) throws IOException {
    byte[] stream = pixels.toByteArray();
    int components = componentIds.length;
    if (other.isPresent() && (components == 1 || (components == 3 && isYcc()))) {
      return other.get().decodeJpeg(stream, width, height);
    }
    Raster raster = ImageIoReaders.readJpeg(stream);
    if (raster.getWidth() != width || raster.getHeight() != height) {
      throw new IOException("its size changes while it is decoded");
    }
    return toRgb(raster);
  }

  private void readSegments(PixelLimit limit) throws IOException {
    pixels.write(0xff);
    pixels.write(0xd8);
    int scans = 0;
    int at = 2;
    while (true) {
      while (at < file.length && (file[at] & 0xff) != 0xff) {
        at++;
      }
      while (at < file.length && (file[at] & 0xff) == 0xff) {
        at++;
      }
      int marker = byteAt(at++);
      if (marker != END && standsAlone(marker)) {
        continue;
      }
      if (marker == END) {
        if (scans == 0) {
          throw new IOException("it ends before the picture begins");
        }
        pixels.write(0xff);
        pixels.write(END);
        return;
      }
      int length = byteAt(at) << 8 | byteAt(at + 1);
      int end = at + length;
      if (length < 2) {
        throw new IOException("a segment has the impossible length " + length);
      }
      if (end > file.length) {
        throw truncated();
      }
      boolean isFrame = isFrame(marker);
      if (isFrame) {
        readFrame(marker, at + 2, end, limit);
      }
      if (marker >= 0xe0 && marker <= 0xef) {
        readApplicationSegment(marker, at + 2, end);
      } else if (marker != 0xfe) {
        byte[] segment = Arrays.copyOfRange(file, at, end);
        if (isFrame) {
          renumberFrame(segment);
        } else if (marker == SCAN) {
          renumberScan(segment);
        }
        pixels.write(0xff);
        pixels.write(marker);
        pixels.writeBytes(segment);
      }
      at = end;
      if (marker == SCAN) {
        if (width == 0) {
          throw new IOException("a scan comes before the frame header");
        }
        if (++scans > MAX_SCANS) {
          throw new IOException("it has more than " + MAX_SCANS + " scans");
        }
        int next = endOfScan(at);
        pixels.write(file, at, next - at);
        at = next;
      }
    }
  }

  /** Whether a marker has no segment after it. */
  static boolean standsAlone(int marker) {
    return marker <= 0x01 || (marker >= 0xd0 && marker <= END);
  }

  /** Whether a segment tells the picture's size. */
  static boolean isFrame(int marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
  }

  private int endOfScan(int start) throws IOException {
    byte[] bytes = file;
    for (int at = start; at + 1 < bytes.length; at++) {
      // Eight at a time: whether one of them is 0xff.
      while (at + Long.BYTES + 1 < bytes.length && !hasFf((long) LONGS.get(bytes, at))) {
        at += Long.BYTES;
      }
      if (bytes[at] == (byte) 0xff) {
        int next = bytes[at + 1] & 0xff;
        if (next != 0 && next != 0xff && (next < 0xd0 || next > 0xd7)) {
          return at;
        }
      }
    }
    throw truncated();
  }

  /** The classic test for a zero among eight bytes, of the complement. */
  private static boolean hasFf(long eight) {
    return ((~eight - 0x0101010101010101L) & eight & 0x8080808080808080L) != 0;
  }

  private void readFrame(int marker, int at, int end, PixelLimit limit) throws IOException {
    if (width != 0) {
      throw new IOException("it has two frame headers");
    }
    if (marker > 0xc2) {
      throw new IOException(
          "its kind of compression (SOF%d) is not supported; save it as a baseline or progressive JPEG"
              .formatted(marker - 0xc0));
    }
    if (end - at < 6) {
      throw new IOException("its frame header is too short");
    }
    int precision = byteAt(at);
    int components = byteAt(at + 5);
    if (precision != 8) {
      throw new IOException("it has %d bits a sample, expected 8".formatted(precision));
    }
    if ((components != 1 && components != 3 && components != 4) || end - at < 6 + 3 * components) {
      throw new IOException("it has %d components, expected 1, 3 or 4".formatted(components));
    }
    height = byteAt(at + 1) << 8 | byteAt(at + 2);
    width = byteAt(at + 3) << 8 | byteAt(at + 4);
    limit.check(width, height);
    componentIds = new int[components];
    for (int i = 0; i < components; i++) {
      componentIds[i] = byteAt(at + 6 + 3 * i);
    }
  }

  /** The JDK's libjpeg refuses components of one name; so they are called 1, 2, 3, 4. */
  private void renumberFrame(byte[] segment) {
    for (int i = 0; i < componentIds.length; i++) {
      segment[8 + 3 * i] = (byte) (i + 1);
    }
  }

  /** A name stands for the first component of that name that the scan has not got yet. */
  private void renumberScan(byte[] segment) throws IOException {
    int count = segment.length > 2 ? segment[2] : 0;
    if (count < 1 || count > componentIds.length || segment.length < 3 + 2 * count) {
      throw new IOException("a scan has %d components".formatted(count));
    }
    boolean[] used = new boolean[componentIds.length];
    for (int k = 0; k < count; k++) {
      int id = segment[3 + 2 * k] & 0xff;
      int i = 0;
      while (i < used.length && (used[i] || componentIds[i] != id)) {
        i++;
      }
      if (i == used.length) {
        throw new IOException("a scan names component %d, which is not there".formatted(id));
      }
      used[i] = true;
      segment[3 + 2 * k] = (byte) (i + 1);
    }
  }

  private void readApplicationSegment(int marker, int at, int end) {
    if (marker == 0xe0 && ExifOrientation.startsWith(file, at, JFIF)) {
      jfif = true;
    } else if (marker == 0xe1 && ExifOrientation.startsWith(file, at, EXIF)) {
      int from = exif.size() == 0 ? at : at + EXIF.length;
      exif.write(file, from, end - from);
    } else if (marker == 0xe1 && ExifOrientation.startsWith(file, at, XMP)) {
      xmp = Arrays.copyOfRange(file, Math.min(at + XMP.length, end), end);
    } else if (marker == 0xee && end - at >= 12 && ExifOrientation.startsWith(file, at, ADOBE)) {
      adobeTransform = file[at + 11] & 0xff;
    }
  }

  private int byteAt(int at) throws IOException {
    if (at >= file.length) {
      throw truncated();
    }
    return file[at] & 0xff;
  }

  private static IOException truncated() {
    return new IOException("it is truncated");
  }

  private RgbImage toRgb(Raster raster) throws IOException {
    int bands = raster.getNumBands();
    if (bands != componentIds.length) {
      throw new IOException("%d components became %d".formatted(componentIds.length, bands));
    }
    if (bands == 1) {
      return RasterConverter.toRgb(raster, null);
    }
    if (bands == 4) {
      return inkToRgb(raster);
    }
    RgbImage image = RasterConverter.takeRgb(raster, null);
    if (isYcc()) {
      YccToRgb.convert(image.rgb());
    }
    return image;
  }

  /** The guesses of libjpeg's {@code default_decompress_parms} for three components. */
  private boolean isYcc() {
    if (jfif) {
      return true;
    }
    if (adobeTransform >= 0) {
      return adobeTransform != 0;
    }
    return !Arrays.equals(componentIds, new int[] {'R', 'G', 'B'});
  }

  /** Pillow takes every CMYK JPEG for an inverted one, as Adobe writes them. */
  private RgbImage inkToRgb(Raster raster) {
    int w = raster.getWidth();
    int h = raster.getHeight();
    byte[] rgb = new byte[RasterConverter.arrayLength(w, h)];
    boolean ycck = adobeTransform > 0;
    int[] row = new int[4 * w];
    byte[] ink = new byte[3];
    int to = 0;
    for (int y = 0; y < h; y++) {
      raster.getPixels(0, y, w, 1, row);
      for (int p = 0; p < row.length; p += 4) {
        for (int c = 0; c < 3; c++) {
          ink[c] = (byte) row[p + c];
        }
        if (ycck) {
          YccToRgb.convert(ink);
          for (int c = 0; c < 3; c++) {
            ink[c] = (byte) (255 - (ink[c] & 0xff));
          }
        }
        RasterConverter.cmykToRgb(
            255 - (ink[0] & 0xff),
            255 - (ink[1] & 0xff),
            255 - (ink[2] & 0xff),
            255 - row[p + 3],
            rgb,
            to);
        to += 3;
      }
    }
    return RgbImage.of(w, h, rgb);
  }
}
