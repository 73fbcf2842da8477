package io.github.vit4j.image;

import java.util.Arrays;
import java.util.Optional;

/**
 * Pillow's resampling filters. The weights are those of Pillow's src/libImaging/Resample.c.
 *
 * <p>Except for {@link #NEAREST} each filter is antialiasing: when a side shrinks, the filter is
 * widened by the factor of the shrinking.
 */
public enum Resampling {
  /** The one pixel that the centre of the new pixel falls on. */
  NEAREST(0, 0),
  /** A sinc truncated at 3 by a sinc. */
  LANCZOS(1, 3),
  /** A triangle. */
  BILINEAR(2, 1),
  /** Keys' cubic with a = -0.5. */
  BICUBIC(3, 2),
  /** All pixels that contribute have the same weight. */
  BOX(4, 0.5),
  /** A sinc truncated at 1 by a Hamming window. */
  HAMMING(5, 1);

  private final int pillowNumber;
  private final double support;

  Resampling(int pillowNumber, double support) {
    this.pillowNumber = pillowNumber;
    this.support = support;
  }

  /** {@return the number that Pillow and {@code preprocessor_config.json} use, 0 to 5} */
  public int pillowNumber() {
    return pillowNumber;
  }

  /**
   * {@return the filter of that number; empty when Pillow knows none}
   *
   * @param number see {@link #pillowNumber}
   */
  public static Optional<Resampling> ofPillowNumber(int number) {
    return Arrays.stream(values()).filter(r -> r.pillowNumber == number).findFirst();
  }

  /** How far the filter reaches to either side, in pixels of the larger image. */
  double support() {
    return support;
  }

  /** The weight at distance {@code distance} from the centre, before normalisation. */
  double weight(double distance) {
    double x = Math.abs(distance);
    return switch (this) {
      case NEAREST -> throw new IllegalStateException("nearest has no weights");
      case BOX -> distance > -0.5 && distance <= 0.5 ? 1 : 0;
      case BILINEAR -> x < 1 ? 1 - x : 0;
      case HAMMING -> hamming(x);
      case BICUBIC -> bicubic(x);
      case LANCZOS -> distance >= -3 && distance < 3 ? sinc(distance) * sinc(distance / 3) : 0;
    };
  }

  private static double hamming(double x) {
    if (x == 0) {
      return 1;
    }
    if (x >= 1) {
      return 0;
    }
    double angle = x * Math.PI;
    // Pillow writes these two constants as C floats.
    return StrictMath.sin(angle) / angle * (0.54f + 0.46f * StrictMath.cos(angle));
  }

  private static double bicubic(double x) {
    double a = -0.5;
    if (x < 1) {
      return ((a + 2) * x - (a + 3)) * x * x + 1;
    }
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
  }

  private static double sinc(double x) {
    if (x == 0) {
      return 1;
    }
    double angle = x * Math.PI;
    return StrictMath.sin(angle) / angle;
  }
}
