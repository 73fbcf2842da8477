package io.github.vit4j.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The file formats that are read, told apart by their first bytes as Pillow does. */
enum ImageFormat {
  JPEG,
  PNG,
  GIF,
  BMP,
  TIFF,
  WEBP("WebP");

  private final String title;

  ImageFormat() {
    this.title = name();
  }

  ImageFormat(String title) {
    this.title = title;
  }

  static Optional<ImageFormat> of(byte[] file) {
    if (JpegDecoder.accepts(file)) {
      return Optional.of(JPEG);
    }
    if (PngDecoder.accepts(file)) {
      return Optional.of(PNG);
    }
    if (has(file, 0, "GIF87a") || has(file, 0, "GIF89a")) {
      return Optional.of(GIF);
    }
    if (has(file, 0, "BM")) {
      return Optional.of(BMP);
    }
    if (has(file, 0, "II*\0")
        || has(file, 0, "MM\0*")
        || has(file, 0, "II+\0")
        || has(file, 0, "MM\0+")) {
      return Optional.of(TIFF);
    }
    if (has(file, 0, "RIFF") && has(file, 8, "WEBP")) {
      return Optional.of(WEBP);
    }
    return Optional.empty();
  }

  private static boolean has(byte[] file, int at, String text) {
    return ExifOrientation.startsWith(file, at, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  RgbImage decode(byte[] file, PixelLimit limit, Optional<ImageDecoder> jpegDecoder)
      throws IOException {
    return switch (this) {
      case JPEG -> JpegDecoder.decode(file, limit, jpegDecoder);
      case PNG -> PngDecoder.decode(file, limit);
      case GIF -> GifDecoder.decode(file, limit);
      case BMP -> BmpDecoder.decode(file, limit);
      case TIFF -> TiffDecoder.decode(file, limit);
      case WEBP -> WebpDecoder.decode(file, limit);
    };
  }

  @Override
  public String toString() {
    return title;
  }
}
