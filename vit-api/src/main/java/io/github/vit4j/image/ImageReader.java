package io.github.vit4j.image;

import io.github.vit4j.error.ImageException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads JPEG, PNG, GIF, BMP, TIFF and WebP files into what Pillow gives for {@code
 * ImageOps.exif_transpose(Image.open(file)).convert("RGB")}: the first frame, turned upright, alpha
 * dropped, no colour profile applied.
 *
 * <p>Files may be hostile: their size and the number of pixels in their header are checked before
 * anything is allocated, and whatever is wrong with them is an {@link ImageException} of one line.
 * One thing is left to the JVM's options: the JDK's JPEG reader, which is used where there is no
 * other {@link ImageDecoder} and for JPEG with four components or inside of TIFF, can stop the
 * whole JVM at a damaged file under the serial or the parallel garbage collector, not under G1
 * ({@code -XX:+UseG1GC}).
 *
 * <p>Thread-safety: immutable; one reader serves any number of threads.
 */
public final class ImageReader {
  /** Pillow's limit ({@code DecompressionBombError}): twice {@code Image.MAX_IMAGE_PIXELS}. */
  public static final long DEFAULT_MAX_PIXELS = 2 * 89_478_485L;

  /** The largest file that is read, 512 MiB. */
  public static final int MAX_FILE_BYTES = 512 << 20;

  private static final String FORMATS = "JPEG, PNG, GIF, BMP, TIFF or WebP";

  private final PixelLimit limit;
  private final Optional<ImageDecoder> decoder;

  private ImageReader(PixelLimit limit, Optional<ImageDecoder> decoder) {
    this.limit = limit;
    this.decoder = decoder;
  }

  /**
   * {@return a reader with the limit {@link #DEFAULT_MAX_PIXELS}, and the decoder that the system
   * property {@code vit4j.image.decoder} names}
   *
   * @throws io.github.vit4j.error.ConfigException as {@link #withDecoder}
   */
  public static ImageReader create() {
    return withMaxPixels(DEFAULT_MAX_PIXELS);
  }

  /**
   * {@return a reader that refuses larger pictures, with the decoder of {@link #create}}
   *
   * @param maxPixels width times height, from 1 to 715,827,879 (an RGB array of 2^31 bytes)
   * @throws IllegalArgumentException if {@code maxPixels} is outside of that range
   * @throws io.github.vit4j.error.ConfigException as {@link #create}
   */
  public static ImageReader withMaxPixels(long maxPixels) {
    if (maxPixels < 1 || maxPixels > PixelLimit.MOST) {
      throw new IllegalArgumentException(
          "maxPixels must be from 1 to %d, got %d".formatted(PixelLimit.MOST, maxPixels));
    }
    String wish = System.getProperty(ImageDecoders.PROPERTY, ImageDecoders.AUTO);
    return new ImageReader(new PixelLimit(maxPixels), ImageDecoders.choose(wish));
  }

  /**
   * {@return the same reader with another decoder for JPEG}
   *
   * @param name {@code imageio} for the JDK's, the name of an {@link ImageDecoder} on the class
   *     path ({@code turbojpeg} for an installed libjpeg-turbo, {@code opencv}), or {@code auto}
   *     for the first of these that can be used and else {@code imageio}
   * @throws io.github.vit4j.error.ConfigException if it is not there or cannot be used; the message
   *     lists what is
   */
  public ImageReader withDecoder(String name) {
    return new ImageReader(limit, ImageDecoders.choose(name));
  }

  /** {@return the name of what decodes JPEG: {@code imageio} or that of an {@link ImageDecoder}} */
  public String decoder() {
    return decoder.map(ImageDecoder::name).orElse(ImageDecoders.IMAGE_IO);
  }

  /**
   * Reads a file.
   *
   * @param file of at most {@link #MAX_FILE_BYTES}; its bytes tell its format, not its name
   * @return the picture in it, upright
   * @throws ImageException if it is missing, unreadable, damaged, too large or of another format
   */
  public RgbImage read(Path file) {
    if (Files.isDirectory(file)) {
      throw new ImageException(
          "cannot read %s: it is a directory; name an image file in it".formatted(oneLine(file)));
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = readBounded(in, oneLine(file));
    } catch (NoSuchFileException e) {
      throw new ImageException(
          "cannot read %s: there is no such file; check the path".formatted(oneLine(file)), e);
    } catch (IOException | SecurityException e) {
      throw new ImageException(
          "cannot read %s: %s; check the file and its permissions"
              .formatted(oneLine(file), oneLine(e)),
          e);
    }
    return decode(bytes, oneLine(file));
  }

  /**
   * Reads a stream to its end; the caller closes it.
   *
   * @param in the bytes of a file, at most {@link #MAX_FILE_BYTES}
   * @return the picture in it, upright
   * @throws ImageException if the stream fails or its bytes are no image that can be read
   */
  public RgbImage read(InputStream in) {
    byte[] bytes;
    try {
      bytes = readBounded(in, "the image");
    } catch (IOException e) {
      throw new ImageException(
          "cannot read the image: its stream failed: %s; send it again".formatted(oneLine(e)), e);
    }
    return decode(bytes, "the image");
  }

  /**
   * Reads the bytes of a file.
   *
   * @param file the whole file, at most {@link #MAX_FILE_BYTES}; not changed
   * @return the picture in it, upright
   * @throws ImageException if they are no image that can be read
   */
  public RgbImage read(byte[] file) {
    if (file.length > MAX_FILE_BYTES) {
      throw tooLarge("the image");
    }
    return decode(file, "the image");
  }

  /**
   * Downloads an image, as {@code Image.open(requests.get(url, stream=True).raw)} does, within
   * {@link HttpLimits#DEFAULT}.
   *
   * <p>Whoever reads addresses from strangers must check first where they lead: an address inside
   * one's own network is asked like any other.
   *
   * @param address an http or https address; redirects lead to such only, and not from https to
   *     http
   * @return the picture behind it, upright
   * @throws ImageException if there is no connection, if the server answers with anything but the
   *     bytes of an image, or if that exceeds a limit
   */
  public RgbImage read(URI address) {
    return read(address, HttpLimits.DEFAULT);
  }

  /**
   * {@link #read(URI)}, within other limits.
   *
   * @param address an http or https address; redirects lead to such only, and not from https to
   *     http
   * @param limits how long to wait, and how much to take
   * @return the picture behind it, upright
   * @throws ImageException if there is no connection, if the server answers with anything but the
   *     bytes of an image, or if that exceeds a limit
   */
  public RgbImage read(URI address, HttpLimits limits) {
    return decode(HttpDownload.get(address, limits), HttpDownload.shown(address));
  }

  private static byte[] readBounded(InputStream in, String name) throws IOException {
    byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
    if (bytes.length > MAX_FILE_BYTES) {
      throw tooLarge(name);
    }
    return bytes;
  }

  private static ImageException tooLarge(String name) {
    return new ImageException(
        "cannot read %s: it has more than %d bytes; shrink or recompress it"
            .formatted(name, MAX_FILE_BYTES));
  }

  private RgbImage decode(byte[] file, String name) {
    if (file.length == 0) {
      throw new ImageException(
          "cannot read %s: it is empty; give a file in %s format".formatted(name, FORMATS));
    }
    ImageFormat format =
        ImageFormat.of(file)
            .orElseThrow(
                () ->
                    new ImageException(
                        "cannot read %s: its first bytes are not those of an image; give a file in %s format"
                            .formatted(name, FORMATS)));
    try {
      return format.decode(file, limit, decoder);
    } catch (IOException | RuntimeException e) {
      // Plug-ins throw exceptions of every kind for damaged files.
      String advice = e instanceof IOException ? "" : "; the file is damaged";
      throw new ImageException(
          "cannot read %s as %s: %s%s; replace the file or save it anew"
              .formatted(name, format, oneLine(e), advice),
          e);
    }
  }

  static String oneLine(Object text) {
    String message =
        text instanceof Throwable problem && problem.getMessage() != null
            ? problem.getMessage()
            : text.toString();
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < message.length() && line.length() < 500; i++) {
      char c = message.charAt(i);
      line.append(Character.isISOControl(c) || c == '\u2028' || c == '\u2029' ? ' ' : c);
    }
    return line.toString();
  }
}
