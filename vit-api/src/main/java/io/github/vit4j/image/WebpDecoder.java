package io.github.vit4j.image;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The first frame of a WebP on its canvas, which is black where the frame does not cover it, as
 * Pillow gets it from libwebp's WebPAnimDecoder. The pixels are decoded by libwebp, through the
 * webp-imageio plug-in. Alpha of lossy frames is not decoded, because it is dropped anyway.
 */
final class WebpDecoder {
  private final ByteBuffer in;
  private final PixelLimit limit;
  private byte[] exif = new byte[0];
  private byte[] xmp = new byte[0];
  private int width;
  private int height;
  private boolean animated;
  private int left;
  private int top;
  private int frameWidth;
  private int frameHeight;

  /** Where the chunk of the first frame's pixels begins and ends, header included. */
  private int frameAt;

  private int frameEnd;

  private WebpDecoder(byte[] file, PixelLimit limit) {
    this.in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    this.limit = limit;
  }

  static RgbImage decode(byte[] file, PixelLimit limit) throws IOException {
    WebpDecoder decoder = new WebpDecoder(file, limit);
    decoder.readChunks(12, file.length, false);
    if (decoder.frameWidth == 0) {
      throw new IOException("it holds no picture");
    }
    RgbImage frame = frame(Arrays.copyOfRange(file, decoder.frameAt, decoder.frameEnd));
    return decoder
        .onCanvas(frame)
        .withExifOrientation(ExifOrientation.of(decoder.exif, decoder.xmp));
  }

  /** Decodes one chunk as the simple file that it makes alone; the plug-in reads no animations. */
  private static RgbImage frame(byte[] chunk) throws IOException {
    int padding = chunk.length & 1;
    ByteBuffer simple =
        ByteBuffer.allocate(12 + chunk.length + padding).order(ByteOrder.LITTLE_ENDIAN);
    simple.put("RIFF".getBytes(StandardCharsets.ISO_8859_1));
    simple.putInt(4 + chunk.length + padding);
    simple.put("WEBP".getBytes(StandardCharsets.ISO_8859_1));
    simple.put(chunk);
    BufferedImage image = ImageIoReaders.with("webp", simple.array(), reader -> reader.read(0));
    return RasterConverter.toRgb(image.getRaster(), image.getColorModel());
  }

  private RgbImage onCanvas(RgbImage frame) throws IOException {
    if (frame.width() != frameWidth || frame.height() != frameHeight) {
      throw new IOException("its size changes while it is decoded");
    }
    if (left == 0 && top == 0 && frameWidth == width && frameHeight == height) {
      return frame;
    }
    if (left + frameWidth > width || top + frameHeight > height) {
      throw new IOException("its first frame sticks out of its canvas");
    }
    byte[] rgb = new byte[RasterConverter.arrayLength(width, height)];
    for (int y = 0; y < frameHeight; y++) {
      int to = 3 * ((top + y) * width + left);
      System.arraycopy(frame.rgb(), 3 * y * frameWidth, rgb, to, 3 * frameWidth);
    }
    return RgbImage.of(width, height, rgb);
  }

  private void readChunks(int start, int end, boolean inFrame) throws IOException {
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
          animated = (in.get(data) & 2) != 0;
          canvas(1 + int24(data + 4), 1 + int24(data + 7));
        }
        case "VP8 " -> {
          need(length, 10);
          frame(in.getShort(data + 6) & 0x3fff, in.getShort(data + 8) & 0x3fff, at, dataEnd);
        }
        case "VP8L" -> {
          need(length, 5);
          int bits = in.getInt(data + 1);
          frame(1 + (bits & 0x3fff), 1 + ((bits >>> 14) & 0x3fff), at, dataEnd);
        }
        case "ANMF" -> {
          need(length, 16);
          if (inFrame) {
            throw new IOException("a frame lies inside a frame");
          }
          if (animated && frameWidth == 0) {
            left = 2 * int24(data);
            top = 2 * int24(data + 3);
          }
          readChunks(data + 16, dataEnd, true);
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

  private void canvas(int w, int h) throws IOException {
    limit.check(w, h);
    if (width == 0) {
      width = w;
      height = h;
    }
  }

  /** The first frame counts; later ones must not be larger bombs. */
  private void frame(int w, int h, int from, int to) throws IOException {
    canvas(w, h);
    if (frameWidth == 0) {
      frameWidth = w;
      frameHeight = h;
      frameAt = from;
      frameEnd = to;
    }
  }

  private int int24(int at) {
    return (in.getShort(at) & 0xffff) | ((in.get(at + 2) & 0xff) << 16);
  }
}
