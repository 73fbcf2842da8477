package io.github.vit4j.image;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * A picture in memory: uint8 red, green and blue, interleaved, row by row from the top, without
 * padding. It is what Pillow holds after {@code convert("RGB")}.
 *
 * <p>Thread-safety: immutable as long as nobody writes to the array given to {@link #of} or got
 * from {@link #rgb()}; both are shared, not copied, because photos are large.
 */
public final class RgbImage {
  private final int width;
  private final int height;
  private final byte[] rgb;

  private RgbImage(int width, int height, byte[] rgb) {
    this.width = width;
    this.height = height;
    this.rgb = rgb;
  }

  /**
   * {@return a picture around an array, which is not copied}
   *
   * @param width columns, at least 1
   * @param height rows, at least 1
   * @param rgb {@code 3 * width * height} bytes, each an unsigned level 0..255
   * @throws IllegalArgumentException if a side is below 1 or the array has another length
   */
  public static RgbImage of(int width, int height, byte[] rgb) {
    Objects.requireNonNull(rgb, "rgb");
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException("not an image's size: " + width + "x" + height);
    }
    if (rgb.length != 3L * width * height) {
      throw new IllegalArgumentException(
          "a %dx%d RGB image takes %d bytes, got %d"
              .formatted(width, height, 3L * width * height, rgb.length));
    }
    return new RgbImage(width, height, rgb);
  }

  /**
   * {@return a copy of the levels of an image as they are stored: alpha is dropped, not blended;
   * grey is repeated three times; a palette is looked up} No colour profile is applied.
   *
   * @param image of 1 to 4 integer bands; not changed
   * @throws IllegalArgumentException if the picture has another layout
   */
  public static RgbImage fromBufferedImage(BufferedImage image) {
    return RasterConverter.toRgb(image.getRaster(), image.getColorModel());
  }

  /** {@return a copy as {@link BufferedImage#TYPE_INT_RGB}} */
  public BufferedImage toBufferedImage() {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int[] pixels = ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
    for (int i = 0, p = 0; i < pixels.length; i++, p += 3) {
      pixels[i] = (rgb[p] & 0xff) << 16 | (rgb[p + 1] & 0xff) << 8 | (rgb[p + 2] & 0xff);
    }
    return image;
  }

  /** {@return the picture as a PNG file of 8 bits a sample, without loss} */
  public byte[] toPng() {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    // In memory: ImageIO would else buffer what it writes in a temporary file.
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(file)) {
      if (!ImageIO.write(toBufferedImage(), "png", out)) {
        throw new IllegalStateException("this JDK has no ImageIO writer for PNG");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file.toByteArray();
  }

  /** {@return the width in pixels: columns} */
  public int width() {
    return width;
  }

  /** {@return the height in pixels: rows} */
  public int height() {
    return height;
  }

  /** {@return the levels, interleaved, {@code 3 * width * height} of them; not a copy} */
  public byte[] rgb() {
    return rgb;
  }

  /**
   * {@return one level, 0..255}
   *
   * @param x the column, from 0 at the left
   * @param y the row, from 0 at the top
   * @param channel 0 for red, 1 for green, 2 for blue
   * @throws IndexOutOfBoundsException if there is no such pixel or channel
   */
  public int level(int x, int y, int channel) {
    Objects.checkIndex(x, width);
    Objects.checkIndex(y, height);
    Objects.checkIndex(channel, 3);
    return rgb[3 * (y * width + x) + channel] & 0xff;
  }

  /**
   * The picture turned upright as Pillow's {@code ImageOps.exif_transpose} does: 2 mirrors left and
   * right, 3 turns by 180 degrees, 4 mirrors top and bottom, 5 mirrors at the main diagonal, 6
   * turns by 90 degrees clockwise, 7 mirrors at the other diagonal, 8 turns by 90 degrees
   * counter-clockwise.
   *
   * @param orientation EXIF tag 274; 1, and every number that EXIF does not define, changes nothing
   * @return a copy turned so, or this picture where nothing changes
   */
  public RgbImage withExifOrientation(int orientation) {
    if (orientation < 2 || orientation > 8) {
      return this;
    }
    boolean swapsSides = orientation >= 5;
    int outWidth = swapsSides ? height : width;
    int outHeight = swapsSides ? width : height;
    // Where the pixel at column 0, row 0 comes from, and how far a step right or down is there.
    int origin;
    int stepRight;
    int stepDown;
    int lastColumn = width - 1;
    int lastRow = (height - 1) * width;
    switch (orientation) {
      case 2 -> {
        origin = lastColumn;
        stepRight = -1;
        stepDown = width;
      }
      case 3 -> {
        origin = lastRow + lastColumn;
        stepRight = -1;
        stepDown = -width;
      }
      case 4 -> {
        origin = lastRow;
        stepRight = 1;
        stepDown = -width;
      }
      case 5 -> {
        origin = 0;
        stepRight = width;
        stepDown = 1;
      }
      case 6 -> {
        origin = lastRow;
        stepRight = -width;
        stepDown = 1;
      }
      case 7 -> {
        origin = lastRow + lastColumn;
        stepRight = -width;
        stepDown = -1;
      }
      default -> {
        origin = lastColumn;
        stepRight = width;
        stepDown = -1;
      }
    }
    byte[] out = new byte[rgb.length];
    int to = 0;
    for (int y = 0; y < outHeight; y++) {
      int from = 3 * (origin + y * stepDown);
      for (int x = 0; x < outWidth; x++) {
        out[to++] = rgb[from];
        out[to++] = rgb[from + 1];
        out[to++] = rgb[from + 2];
        from += 3 * stepRight;
      }
    }
    return new RgbImage(outWidth, outHeight, out);
  }

  /** {@return the size, for example {@code RgbImage[640x480]}} */
  @Override
  public String toString() {
    return "RgbImage[" + width + "x" + height + "]";
  }
}
