package io.github.vit4j.image;

import java.awt.color.ColorSpace;
import java.awt.image.ColorModel;
import java.awt.image.ComponentSampleModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import java.awt.image.SampleModel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Stored samples to RGB with the rules of Pillow's {@code convert("RGB")} (src/libImaging/Convert.c
 * and Unpack.c). {@code BufferedImage.getRGB} is not used: it converts through colour profiles,
 * which changes grey levels.
 */
final class RasterConverter {
  /** CMYK with alpha. */
  static final int MAX_BANDS = 5;

  private RasterConverter() {}

  static RgbImage toRgb(Raster raster, @Nullable ColorModel colors) {
    int bands = raster.getNumBands();
    int type = raster.getSampleModel().getDataType();
    if (bands == 1 && type == DataBuffer.TYPE_FLOAT) {
      return floats(raster);
    }
    if (bands > MAX_BANDS || type == DataBuffer.TYPE_FLOAT || type == DataBuffer.TYPE_DOUBLE) {
      throw new IllegalArgumentException(
          "%d bands of data type %d, expected 1 to 4 bands of integers".formatted(bands, type));
    }
    if (colors instanceof IndexColorModel index && bands == 1) {
      return indexed(raster, index);
    }
    boolean cmyk =
        bands >= 4 && colors != null && colors.getColorSpace().getType() == ColorSpace.TYPE_CMYK;
    if (!cmyk && raster.getSampleModel() instanceof ComponentSampleModel model) {
      if (raster.getDataBuffer() instanceof DataBufferByte buffer && isEightBit(model)) {
        return bytes(raster, model, buffer);
      }
    }
    return samples(raster, cmyk);
  }

  /**
   * {@link #toRgb} of a raster that nobody else holds: where its samples lie as an {@link RgbImage}
   * has them, they are taken instead of copied.
   */
  static RgbImage takeRgb(Raster raster, @Nullable ColorModel colors) {
    boolean own = colors == null || colors.getColorSpace().getType() == ColorSpace.TYPE_RGB;
    if (own
        && raster.getNumBands() == 3
        && raster.getParent() == null
        && raster.getSampleModel() instanceof PixelInterleavedSampleModel model
        && raster.getDataBuffer() instanceof DataBufferByte buffer
        && isEightBit(model)
        && model.getPixelStride() == 3
        && model.getScanlineStride() == 3 * raster.getWidth()
        && Arrays.equals(model.getBandOffsets(), new int[] {0, 1, 2})
        && buffer.getNumBanks() == 1
        && buffer.getOffset() == 0
        && buffer.getData().length == arrayLength(raster.getWidth(), raster.getHeight())) {
      return RgbImage.of(raster.getWidth(), raster.getHeight(), buffer.getData());
    }
    return toRgb(raster, colors);
  }

  private static boolean isEightBit(SampleModel model) {
    for (int size : model.getSampleSize()) {
      if (size != 8) {
        return false;
      }
    }
    return true;
  }

  /**
   * {@link #toRgb(Raster, ColorModel)} of four bands of which the last is alpha that the others
   * have been multiplied with; {@code rgba2rgbA} of Pillow's Convert.c.
   */
  static RgbImage premultipliedToRgb(Raster raster) {
    RgbImage image = toRgb(raster, null);
    int bits = raster.getSampleModel().getSampleSize(3);
    byte[] rgb = image.rgb();
    int[] row = new int[image.width()];
    int to = 0;
    for (int y = 0; y < image.height(); y++) {
      raster.getSamples(raster.getMinX(), raster.getMinY() + y, image.width(), 1, 3, row);
      for (int sample : row) {
        int alpha = level(sample, bits);
        for (int end = to + 3; to < end; to++) {
          if (alpha != 0 && alpha != 255) {
            rgb[to] = (byte) clip(255 * (rgb[to] & 0xff) / alpha);
          }
        }
      }
    }
    return image;
  }

  private static RgbImage indexed(Raster raster, IndexColorModel colors) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    int size = colors.getMapSize();
    byte[][] palette = new byte[3][size];
    colors.getReds(palette[0]);
    colors.getGreens(palette[1]);
    colors.getBlues(palette[2]);
    byte[] rgb = new byte[arrayLength(width, height)];
    int[] row = new int[width];
    int to = 0;
    for (int y = 0; y < height; y++) {
      raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, 0, row);
      for (int index : row) {
        // Pillow's palettes have 256 entries, black where the file gives none.
        if (index < size) {
          rgb[to] = palette[0][index];
          rgb[to + 1] = palette[1][index];
          rgb[to + 2] = palette[2][index];
        }
        to += 3;
      }
    }
    return RgbImage.of(width, height, rgb);
  }

  private static RgbImage bytes(Raster raster, ComponentSampleModel model, DataBufferByte buffer) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    byte[] rgb = new byte[arrayLength(width, height)];
    int bands = raster.getNumBands();
    int[] channels = bands >= 3 ? new int[] {0, 1, 2} : new int[] {0, 0, 0};
    int x0 = raster.getMinX() - raster.getSampleModelTranslateX();
    int y0 = raster.getMinY() - raster.getSampleModelTranslateY();
    int step = model.getPixelStride();
    byte[][] data = new byte[3][];
    int[] from = new int[3];
    for (int y = 0; y < height; y++) {
      for (int channel = 0; channel < 3; channel++) {
        int band = channels[channel];
        int bank = model.getBankIndices()[band];
        data[channel] = buffer.getData(bank);
        from[channel] = buffer.getOffsets()[bank] + model.getOffset(x0, y0 + y, band);
      }
      interleave(data, from, step, rgb, 3 * y * width, width);
    }
    return RgbImage.of(width, height, rgb);
  }

  private static void interleave(
      byte[][] data, int[] from, int step, byte[] rgb, int start, int width) {
    byte[] reds = data[0];
    byte[] greens = data[1];
    byte[] blues = data[2];
    int red = from[0];
    int green = from[1];
    int blue = from[2];
    int to = start;
    for (int x = 0, p = 0; x < width; x++, p += step) {
      rgb[to] = reds[red + p];
      rgb[to + 1] = greens[green + p];
      rgb[to + 2] = blues[blue + p];
      to += 3;
    }
  }

  private static RgbImage samples(Raster raster, boolean cmyk) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    int bands = raster.getNumBands();
    int[] sizes = raster.getSampleModel().getSampleSize();
    byte[] rgb = new byte[arrayLength(width, height)];
    int[] row = new int[Math.multiplyExact(width, bands)];
    int to = 0;
    for (int y = 0; y < height; y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      for (int x = 0; x < width; x++) {
        int p = x * bands;
        if (bands == 1) {
          // 16-bit grey is Pillow's mode "I;16", which clips.
          int level = sizes[0] > 8 ? clip(row[p]) : level(row[p], sizes[0]);
          rgb[to] = rgb[to + 1] = rgb[to + 2] = (byte) level;
        } else if (bands == 2) {
          rgb[to] = rgb[to + 1] = rgb[to + 2] = (byte) level(row[p], sizes[0]);
        } else if (cmyk) {
          cmykToRgb(
              level(row[p], sizes[0]),
              level(row[p + 1], sizes[1]),
              level(row[p + 2], sizes[2]),
              level(row[p + 3], sizes[3]),
              rgb,
              to);
        } else {
          rgb[to] = (byte) level(row[p], sizes[0]);
          rgb[to + 1] = (byte) level(row[p + 1], sizes[1]);
          rgb[to + 2] = (byte) level(row[p + 2], sizes[2]);
        }
        to += 3;
      }
    }
    return RgbImage.of(width, height, rgb);
  }

  /** Pillow's mode "F": {@code f2l} of Convert.c clips, and rounds down. */
  private static RgbImage floats(Raster raster) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    byte[] rgb = new byte[arrayLength(width, height)];
    float[] row = new float[width];
    int to = 0;
    for (int y = 0; y < height; y++) {
      raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, 0, row);
      for (float sample : row) {
        rgb[to] = rgb[to + 1] = rgb[to + 2] = (byte) clip((int) sample);
        to += 3;
      }
    }
    return RgbImage.of(width, height, rgb);
  }

  /** Up to 8 bits are stretched to 0..255, of more the upper 8 are taken. */
  private static int level(int sample, int bits) {
    if (bits == 8) {
      return sample;
    }
    return bits > 8 ? sample >>> (bits - 8) : sample * 255 / ((1 << bits) - 1);
  }

  private static int clip(int sample) {
    return Math.clamp(sample, 0, 255);
  }

  /** {@code cmyk2rgb} of Pillow's Convert.c: levels of ink, no colour profile. */
  static void cmykToRgb(int c, int m, int y, int k, byte[] rgb, int to) {
    int white = 255 - k;
    rgb[to] = (byte) clip(white - multiplyDivide255(c, white));
    rgb[to + 1] = (byte) clip(white - multiplyDivide255(m, white));
    rgb[to + 2] = (byte) clip(white - multiplyDivide255(y, white));
  }

  /** {@code MULDIV255} of Pillow's ImagingUtils.h. */
  private static int multiplyDivide255(int a, int b) {
    int t = a * b + 128;
    return ((t >> 8) + t) >> 8;
  }

  static int arrayLength(int width, int height) {
    return Math.multiplyExact(3, Math.multiplyExact(width, height));
  }
}
