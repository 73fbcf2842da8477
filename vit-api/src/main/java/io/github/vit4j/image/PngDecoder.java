package io.github.vit4j.image;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32;
import java.util.zip.InflaterInputStream;

/**
 * PNG by the JDK's reader, which is handed only the header, the palette and the picture's data: no
 * profile to apply, no metadata to stumble over. Samples are converted by Pillow's rules: of 16
 * bits the upper 8, except plain grey (mode "I;16"), which clips; alpha is dropped.
 */
final class PngDecoder {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

  /** Bounds text that is inflated to look for EXIF in it. */
  private static final int MAX_TEXT = 1 << 20;

  private final byte[] file;
  private final ByteArrayOutputStream pixels;
  private byte[] exif = new byte[0];
  private byte[] rawProfile = new byte[0];
  private byte[] xmp = new byte[0];
  private byte[] palette = new byte[0];
  private int width;
  private int height;
  private int bitDepth;
  private int colorType = -1;
  private boolean hasData;

  private PngDecoder(byte[] file) {
    this.file = file;
    this.pixels = new ByteArrayOutputStream(file.length);
  }

  static boolean accepts(byte[] file) {
    return ExifOrientation.startsWith(file, 0, SIGNATURE);
  }

  static RgbImage decode(byte[] file, PixelLimit limit) throws IOException {
    PngDecoder decoder = new PngDecoder(file);
    decoder.readChunks(limit);
    BufferedImage image =
        ImageIoReaders.with("png", decoder.pixels.toByteArray(), reader -> reader.read(0));
    byte[] exif = decoder.exif.length > 0 ? decoder.exif : decoder.rawProfile;
    return decoder.toRgb(image).withExifOrientation(ExifOrientation.of(exif, decoder.xmp));
  }

  private void readChunks(PixelLimit limit) throws IOException {
    pixels.writeBytes(SIGNATURE);
    ByteBuffer in = ByteBuffer.wrap(file);
    int at = SIGNATURE.length;
    boolean ended = false;
    while (!ended && file.length - at >= 8) {
      long length = Integer.toUnsignedLong(in.getInt(at));
      if (length > file.length - at - 12L) {
        throw new IOException("it is truncated");
      }
      String type = new String(file, at + 4, 4, StandardCharsets.ISO_8859_1);
      int data = at + 8;
      int end = data + (int) length;
      switch (type) {
        case "IHDR" -> readHeader(in, data, (int) length, limit);
        case "PLTE" -> palette = Arrays.copyOfRange(file, data, end);
        case "IDAT" -> hasData = true;
        case "IEND" -> ended = true;
        case "eXIf" -> exif = Arrays.copyOfRange(file, data, end);
        case "tEXt", "zTXt", "iTXt" -> readText(type, data, end);
        default -> {}
      }
      if (type.equals("IHDR") || type.equals("PLTE") || type.equals("IDAT")) {
        checkCrc(in, type, at + 4, end);
        if (colorType < 0) {
          throw new IOException("its first chunk is %s, expected IHDR".formatted(type));
        }
        pixels.write(file, at, end + 4 - at);
      }
      at = end + 4;
    }
    if (!hasData) {
      throw new IOException("it has no picture data");
    }
    ByteBuffer iend = ByteBuffer.allocate(12).putInt(0).put(new byte[] {'I', 'E', 'N', 'D'});
    pixels.writeBytes(iend.putInt(0xae426082).array());
  }

  private void checkCrc(ByteBuffer in, String type, int from, int end) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(file, from, end - from);
    if ((int) crc.getValue() != in.getInt(end)) {
      throw new IOException("the checksum of its chunk %s is wrong".formatted(type));
    }
  }

  private void readHeader(ByteBuffer in, int at, int length, PixelLimit limit) throws IOException {
    if (colorType >= 0 || length < 13) {
      throw new IOException("its header is damaged");
    }
    limit.check(Integer.toUnsignedLong(in.getInt(at)), Integer.toUnsignedLong(in.getInt(at + 4)));
    width = in.getInt(at);
    height = in.getInt(at + 4);
    bitDepth = file[at + 8];
    colorType = file[at + 9] & 0xff;
  }

  private void readText(String type, int from, int end) {
    int keyEnd = from;
    while (keyEnd < end && file[keyEnd] != 0) {
      keyEnd++;
    }
    String key = new String(file, from, keyEnd - from, StandardCharsets.ISO_8859_1);
    if (key.equals("Raw profile type exif") && !type.equals("iTXt")) {
      int at = keyEnd + (type.equals("zTXt") ? 2 : 1);
      if (at <= end) {
        byte[] text = Arrays.copyOfRange(file, at, end);
        rawProfile = unhex(type.equals("zTXt") ? inflate(text) : text);
      }
    } else if (key.equals("XML:com.adobe.xmp")) {
      xmp = Arrays.copyOfRange(file, keyEnd, end);
    }
  }

  private static byte[] inflate(byte[] compressed) {
    try (InflaterInputStream in = new InflaterInputStream(new ByteArrayInputStream(compressed))) {
      return in.readNBytes(MAX_TEXT);
    } catch (IOException e) {
      return new byte[0];
    }
  }

  /** ImageMagick's form: three lines of title, then hexadecimal digits. */
  private static byte[] unhex(byte[] text) {
    String[] lines = new String(text, StandardCharsets.ISO_8859_1).split("\n", -1);
    StringBuilder digits = new StringBuilder();
    for (int i = 3; i < lines.length; i++) {
      digits.append(lines[i].strip());
    }
    try {
      return HexFormat.of().parseHex(digits);
    } catch (IllegalArgumentException e) {
      return new byte[0];
    }
  }

  private RgbImage toRgb(BufferedImage image) throws IOException {
    Raster raster = image.getRaster();
    if (raster.getWidth() != width || raster.getHeight() != height) {
      throw new IOException("its size changes while it is decoded");
    }
    ColorModel colors = image.getColorModel();
    if (colorType == 3) {
      int size = Math.min(palette.length / 3, 256);
      colors =
          new IndexColorModel(
              8, Math.max(size, 1), Arrays.copyOf(palette, 3 * Math.max(size, 1)), 0, false);
      return RasterConverter.toRgb(raster, colors);
    }
    boolean sixteen = raster.getSampleModel().getDataType() == DataBuffer.TYPE_USHORT;
    if (sixteen != (bitDepth == 16)) {
      throw new IOException("its bit depth changes while it is decoded");
    }
    if (colorType == 0 && colors instanceof IndexColorModel) {
      return RasterConverter.toRgb(raster, null);
    }
    return RasterConverter.toRgb(raster, colors);
  }
}
