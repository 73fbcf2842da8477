package io.github.vit4j.image;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** BMP by the TwelveMonkeys reader, after a look at the header for sizes that must not be tried. */
final class BmpDecoder {
  private BmpDecoder() {}

  static RgbImage decode(byte[] file, PixelLimit limit) throws IOException {
    if (file.length < 26) {
      throw new IOException("it is truncated");
    }
    ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    boolean old = in.getInt(14) == 12;
    int width = old ? Short.toUnsignedInt(in.getShort(18)) : in.getInt(18);
    int height = old ? Short.toUnsignedInt(in.getShort(20)) : Math.absExact(in.getInt(22));
    int bits = Short.toUnsignedInt(in.getShort(old ? 24 : 28));
    int compression = old ? 0 : in.getInt(30);
    limit.check(width, height);
    if (bits != 1 && bits != 4 && bits != 8 && bits != 16 && bits != 24 && bits != 32) {
      throw new IOException(
          "it has %d bits a pixel, expected 1, 4, 8, 16, 24 or 32".formatted(bits));
    }
    boolean packed = compression == 1 || compression == 2;
    if (!packed && compression != 0 && compression != 3) {
      throw new IOException("its compression %d is not supported".formatted(compression));
    }
    long rowBytes = ((long) width * bits + 31) / 32 * 4;
    if (!packed && Integer.toUnsignedLong(in.getInt(10)) + rowBytes * height > file.length) {
      throw new IOException("it is truncated");
    }
    if (packed) {
      if (bits != (compression == 1 ? 8 : 4) || file.length < 54) {
        throw new IOException("its compression does not go with %d bits a pixel".formatted(bits));
      }
      return BmpRleDecoder.decode(file, in, width, height, compression == 2);
    }
    BufferedImage image = ImageIoReaders.with("bmp", file, reader -> reader.read(0));
    return RasterConverter.toRgb(image.getRaster(), image.getColorModel());
  }
}
