package io.github.vit4j.image;

import io.github.vit4j.error.OneLine;
import java.io.IOException;
import java.util.Optional;

/**
 * JPEG by an installed libjpeg-turbo 2.1 or newer, through its TurboJPEG API and {@link
 * java.lang.foreign}: Debian's and Ubuntu's package {@code libturbojpeg0} or {@code libturbojpeg},
 * Fedora's {@code turbojpeg}, Homebrew's {@code jpeg-turbo}. It is looked for under the names that
 * the system's loader knows, or in the file that the system property {@value #LIBRARY_PROPERTY}
 * names. Nothing is installed, copied or downloaded.
 *
 * <p>Pillow is built with the same library, so this decoder gives Pillow's pixels also where the
 * JDK's older libjpeg does not: chroma that is subsampled vertically alone, coefficients out of
 * range. One difference is known: of a progressive file whose last scans are missing, versions
 * before 3.0.1 smooth vertically subsampled chroma otherwise. Before the library is offered it
 * decodes three small files, whose pixels differ between older versions and settings, and they are
 * compared with Pillow's. It is not looked for in a JVM without {@code
 * --enable-native-access=ALL-UNNAMED}, which would warn.
 *
 * <p>Thread-safety: no state, each call has its own native memory and releases it; any number of
 * threads.
 */
public final class TurboJpegDecoder implements ImageDecoder {
  /** The system property that names the library's file. */
  public static final String LIBRARY_PROPERTY = "vit4j.turbojpeg.library";

  /** For {@link java.util.ServiceLoader}. */
  public TurboJpegDecoder() {}

  @Override
  public String name() {
    return "turbojpeg";
  }

  @Override
  public Optional<String> unavailable() {
    if (!TurboJpegDecoder.class.getModule().isNativeAccessEnabled()) {
      return Optional.of(
          "the JVM was not started with --enable-native-access=%s"
              .formatted(
                  TurboJpegDecoder.class.getModule().isNamed()
                      ? TurboJpegDecoder.class.getModule().getName()
                      : "ALL-UNNAMED"));
    }
    return Found.FAILURE;
  }

  @Override
  public RgbImage decodeJpeg(byte[] jpeg, int width, int height) throws IOException {
    return Found.library().decode(jpeg, width, height);
  }

  /** Looked for once. */
  private static final class Found {
    private static final Optional<TurboJpegLibrary> LIBRARY;
    static final Optional<String> FAILURE;

    static {
      Optional<TurboJpegLibrary> library = Optional.empty();
      Optional<String> failure;
      try {
        library = Optional.of(TurboJpegLibrary.load(System.getProperty(LIBRARY_PROPERTY)));
        failure = library.flatMap(found -> TurboJpegCheck.failure(found::decode));
      } catch (RuntimeException | LinkageError e) {
        failure = Optional.of(OneLine.reason(e));
      }
      LIBRARY = library;
      FAILURE = failure;
    }

    static TurboJpegLibrary library() throws IOException {
      return LIBRARY.orElseThrow(() -> new IOException(FAILURE.orElse("there is no TurboJPEG")));
    }
  }
}
