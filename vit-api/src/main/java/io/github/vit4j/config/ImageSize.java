package io.github.vit4j.config;

/**
 * A height and a width in pixels: of an image or of a patch.
 *
 * @param height rows, at least 1
 * @param width columns, at least 1
 */
public record ImageSize(int height, int width) {
  /** Checks that both are at least 1. */
  public ImageSize {
    if (height < 1 || width < 1) {
      throw new IllegalArgumentException("not a size: " + height + "x" + width);
    }
  }

  /**
   * {@return a size of equal height and width}
   *
   * @param side in pixels, at least 1
   */
  public static ImageSize square(int side) {
    return new ImageSize(side, side);
  }

  /** {@return whether height and width are the same} */
  public boolean isSquare() {
    return height == width;
  }

  /** {@return both in HuggingFace's order, for example {@code 224*224}} */
  @Override
  public String toString() {
    return height + "*" + width;
  }
}
