package io.github.vit4j.image;

import java.util.Objects;

/**
 * A picture of one channel, for models with {@code num_channels} 1: uint8, row by row from the top,
 * without padding. It is what Pillow holds in mode "L".
 *
 * <p>Thread-safety: immutable as long as nobody writes to the array given to {@link #of} or got
 * from {@link #levels()}; both are shared, not copied.
 */
public final class GreyImage {
  private final int width;
  private final int height;
  private final byte[] levels;

  private GreyImage(int width, int height, byte[] levels) {
    this.width = width;
    this.height = height;
    this.levels = levels;
  }

  /**
   * {@return a picture around an array, which is not copied}
   *
   * @param width columns, at least 1
   * @param height rows, at least 1
   * @param levels {@code width * height} bytes, each an unsigned level 0..255
   * @throws IllegalArgumentException if a side is below 1 or the array has another length
   */
  public static GreyImage of(int width, int height, byte[] levels) {
    Objects.requireNonNull(levels, "levels");
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException("not an image's size: " + width + "x" + height);
    }
    if (levels.length != (long) width * height) {
      throw new IllegalArgumentException(
          "a %dx%d grey image takes %d bytes, got %d"
              .formatted(width, height, (long) width * height, levels.length));
    }
    return new GreyImage(width, height, levels);
  }

  /**
   * {@return Pillow's {@code convert("L")} of a picture in mode "RGB": ITU-R 601-2 luma in fixed
   * point ({@code L24} of src/libImaging/Convert.c)} Pictures that were grey keep their levels.
   *
   * @param image of any size; not changed
   */
  public static GreyImage fromRgb(RgbImage image) {
    byte[] rgb = image.rgb();
    byte[] levels = new byte[rgb.length / 3];
    for (int i = 0, p = 0; i < levels.length; i++, p += 3) {
      int luma = (rgb[p] & 0xff) * 19595 + (rgb[p + 1] & 0xff) * 38470 + (rgb[p + 2] & 0xff) * 7471;
      levels[i] = (byte) ((luma + 0x8000) >> 16);
    }
    return new GreyImage(image.width(), image.height(), levels);
  }

  /** {@return Pillow's {@code convert("RGB")}: each level three times} */
  public RgbImage toRgb() {
    byte[] rgb = new byte[RasterConverter.arrayLength(width, height)];
    for (int i = 0, p = 0; i < levels.length; i++, p += 3) {
      rgb[p] = rgb[p + 1] = rgb[p + 2] = levels[i];
    }
    return RgbImage.of(width, height, rgb);
  }

  /** {@return the width in pixels: columns} */
  public int width() {
    return width;
  }

  /** {@return the height in pixels: rows} */
  public int height() {
    return height;
  }

  /** {@return the levels, {@code width * height} of them; not a copy} */
  public byte[] levels() {
    return levels;
  }

  /** {@return the size, for example {@code GreyImage[28x28]}} */
  @Override
  public String toString() {
    return "GreyImage[" + width + "x" + height + "]";
  }
}
