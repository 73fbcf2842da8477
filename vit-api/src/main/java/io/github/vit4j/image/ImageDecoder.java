package io.github.vit4j.image;

import java.io.IOException;
import java.util.Optional;

/**
 * A decoder of JPEG files that takes the place of the JDK's, found by {@link
 * java.util.ServiceLoader}: JPEG is where reading photos spends its time. {@link ImageReader} keeps
 * everything else: formats, limits, EXIF orientation, dropping colour profiles, CMYK.
 *
 * <p>It is expected to give the pixels of libjpeg-turbo as Pillow uses it: the slow integer inverse
 * DCT, fancy upsampling.
 *
 * <p>Thread-safety: implementations serve any number of threads.
 */
public interface ImageDecoder {
  /** {@return a word in lower case by which the decoder is chosen, unlike all others} */
  String name();

  /**
   * {@return why this decoder cannot be used here and now, in half a sentence; empty if it can}
   * Never throws.
   */
  Optional<String> unavailable();

  /**
   * Decodes a picture that has passed the limits.
   *
   * @param jpeg a baseline or progressive JPEG stream of 8 bits, from SOI to EOI, without
   *     application segments; its components are called 1 (grey), or 1, 2 and 3 (Y, Cb and Cr)
   * @param width columns that its frame header says
   * @param height rows that its frame header says
   * @return that many levels of red, green and blue, which nobody else holds
   * @throws IOException if the data cannot be decoded; the message says why, in half a sentence
   */
  RgbImage decodeJpeg(byte[] jpeg, int width, int height) throws IOException;
}
