package io.github.vit4j.pictures;

import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.config.ImageSize;
import io.github.vit4j.image.RgbImage;
import java.awt.geom.Rectangle2D;

/**
 * The part of a photo that a model sees, in parts of the photo's sides: all of it, or the middle
 * where the processor crops. Larger than the photo where it pads.
 *
 * @param width 1 is the photo's width
 * @param height 1 is the photo's height
 */
record SeenRegion(double width, double height) {
  static SeenRegion of(ViTImageProcessor processor, RgbImage photo) {
    ImageSize output = processor.outputSize(photo.width(), photo.height());
    ImageSize resized =
        processor.toBuilder().doCenterCrop(false).build().outputSize(photo.width(), photo.height());
    return new SeenRegion(
        (double) output.width() / resized.width(), (double) output.height() / resized.height());
  }

  boolean isAll() {
    return width == 1 && height == 1;
  }

  /** Where it lies on a photo that is shown in that size. */
  Rectangle2D on(RgbImage shown) {
    return new Rectangle2D.Double(
        shown.width() * (1 - width) / 2,
        shown.height() * (1 - height) / 2,
        shown.width() * width,
        shown.height() * height);
  }
}
