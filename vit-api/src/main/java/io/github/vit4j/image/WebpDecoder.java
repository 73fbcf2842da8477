package io.github.vit4j.image;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The first frame of a WebP by the TwelveMonkeys reader; sizes and EXIF are read here first. */
final class WebpDecoder {
  private final ByteBuffer in;
  private final PixelLimit limit;
  private byte[] exif = new byte[0];
  private byte[] xmp = new byte[0];
  private int width;
  private int height;

  private WebpDecoder(byte[] file, PixelLimit limit) {
    this.in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    this.limit = limit;
  }

  static RgbImage decode(byte[] file, PixelLimit limit) throws IOException {
    WebpDecoder decoder = new WebpDecoder(file, limit);
    decoder.readChunks(12, file.length);
    if (decoder.width == 0) {
      throw new IOException("it holds no picture");
    }
    BufferedImage image = ImageIoReaders.with("webp", file, reader -> reader.read(0));
    if (image.getWidth() != decoder.width || image.getHeight() != decoder.height) {
      throw new IOException(
          "its first frame has another size than its canvas, which is not supported");
    }
    return RasterConverter.toRgb(image.getRaster(), image.getColorModel())
        .withExifOrientation(ExifOrientation.of(decoder.exif, decoder.xmp));
  }

  private void readChunks(int start, int end) throws IOException {
    int at = start;
    while (end - at >= 8) {
      String type = new String(in.array(), at, 4, StandardCharsets.ISO_8859_1);
      long length = Integer.toUnsignedLong(in.getInt(at + 4));
      int data = at + 8;
      if (length > end - data) {
        throw new IOException("it is truncated");
      }
      int dataEnd = data + (int) length;
      switch (type) {
        case "VP8X" -> {
          need(length, 10);
          size(1 + int24(data + 4), 1 + int24(data + 7));
        }
        case "VP8 " -> {
          need(length, 10);
          size(in.getShort(data + 6) & 0x3fff, in.getShort(data + 8) & 0x3fff);
        }
        case "VP8L" -> {
          need(length, 5);
          int bits = in.getInt(data + 1);
          size(1 + (bits & 0x3fff), 1 + (bits >>> 14 & 0x3fff));
        }
        case "ANMF" -> {
          need(length, 16);
          size(1 + int24(data + 6), 1 + int24(data + 9));
          readChunks(data + 16, dataEnd);
        }
        case "EXIF" -> exif = Arrays.copyOfRange(in.array(), data, dataEnd);
        case "XMP " -> xmp = Arrays.copyOfRange(in.array(), data, dataEnd);
        default -> {}
      }
      at = dataEnd + (dataEnd & 1);
    }
  }

  private static void need(long length, int least) throws IOException {
    if (length < least) {
      throw new IOException("it is truncated");
    }
  }

  /** The first size is the canvas; the later ones are of frames and must not be larger bombs. */
  private void size(int w, int h) throws IOException {
    limit.check(w, h);
    if (width == 0) {
      width = w;
      height = h;
    }
  }

  private int int24(int at) {
    return (in.getShort(at) & 0xffff) | ((in.get(at + 2) & 0xff) << 16);
  }
}
