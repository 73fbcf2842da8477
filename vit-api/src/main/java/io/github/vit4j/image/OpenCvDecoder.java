package io.github.vit4j.image;

import io.github.vit4j.error.OneLine;
import java.io.IOException;
import java.util.Optional;
import nu.pattern.OpenCV;
import org.opencv.core.CvException;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.imgcodecs.Imgcodecs;

/**
 * JPEG by OpenCV's libjpeg-turbo: chosen where {@code org.openpnp:opencv} is on the class path. Its
 * native library is first copied from the jar into a new directory of {@code java.io.tmpdir} and
 * loaded from there. For damaged files libjpeg-turbo may print a line to standard error.
 *
 * <p>Thread-safety: no state; any number of threads.
 */
public final class OpenCvDecoder implements ImageDecoder {
  private static final String LIBRARY = "org.opencv.imgcodecs.Imgcodecs";

  /** For {@link java.util.ServiceLoader}. */
  public OpenCvDecoder() {}

  @Override
  public String name() {
    return "opencv";
  }

  @Override
  public Optional<String> unavailable() {
    try {
      Class.forName(LIBRARY, false, OpenCvDecoder.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      return Optional.of("org.openpnp:opencv is not on the class path");
    }
    return Native.FAILURE;
  }

  @Override
  public RgbImage decodeJpeg(byte[] jpeg, int width, int height) throws IOException {
    return Native.decode(jpeg, width, height);
  }

  /** What refers to OpenCV; loaded only where it is. */
  private static final class Native {
    static final Optional<String> FAILURE = load();

    private static Optional<String> load() {
      try {
        OpenCV.loadLocally();
        return Optional.empty();
      } catch (RuntimeException | LinkageError e) {
        return Optional.of("its native library cannot be loaded: " + OneLine.reason(e));
      }
    }

    static RgbImage decode(byte[] jpeg, int width, int height) throws IOException {
      Mat file = new MatOfByte(jpeg);
      Mat picture = null;
      try {
        picture =
            Imgcodecs.imdecode(file, Imgcodecs.IMREAD_COLOR | Imgcodecs.IMREAD_IGNORE_ORIENTATION);
        if (picture.empty()) {
          throw new IOException("OpenCV cannot decode it; the file is damaged");
        }
        if (picture.cols() != width || picture.rows() != height) {
          throw new IOException("its size changes while it is decoded");
        }
        if (picture.type() != CvType.CV_8UC3) {
          throw new IOException("OpenCV made no three channels of 8 bits of it");
        }
        byte[] levels = new byte[RasterConverter.arrayLength(width, height)];
        picture.get(0, 0, levels);
        ByteOrders.swapRedAndBlue(levels);
        return RgbImage.of(width, height, levels);
      } catch (CvException e) {
        throw new IOException("OpenCV: " + OneLine.reason(e), e);
      } finally {
        // Native memory, which the garbage collector does not see.
        file.release();
        if (picture != null) {
          picture.release();
        }
      }
    }
  }
}
