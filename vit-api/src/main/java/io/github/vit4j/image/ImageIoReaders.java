package io.github.vit4j.image;

import com.luciad.imageio.webp.WebPImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.bmp.BMPImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi;
import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import java.awt.image.Raster;
import java.io.IOException;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.ImageInputStream;

/**
 * Runs ImageIO's plug-ins on bytes in memory. Each format has one chosen plug-in: which others a
 * class path adds must not change pixels. ImageIO's global settings are left alone, and nothing is
 * cached on disk.
 */
final class ImageIoReaders {
  /** What to do with a reader whose input is set. */
  interface Task<T> {
    T run(ImageReader reader) throws IOException;
  }

  /** By format; looking one up takes longer than decoding a small picture. */
  private static final Map<String, ImageReaderSpi> OF_THE_JDK = new ConcurrentHashMap<>();

  private ImageIoReaders() {}

  /** The stored samples of a JPEG, without colour conversion. */
  static Raster readJpeg(byte[] file) throws IOException {
    return with(
        "jpeg",
        file,
        reader -> {
          reader.addIIOReadWarningListener((source, warning) -> JdkJpegFault.warnOnce());
          return reader.readRaster(0, null);
        });
  }

  static <T> T with(String format, byte[] file, Task<T> task) throws IOException {
    ImageReader reader = create(format);
    try (ImageInputStream in = new ByteArrayImageInputStream(file)) {
      reader.setInput(in, false, true);
      return task.run(reader);
    } finally {
      reader.dispose();
    }
  }

  private static ImageReader create(String format) throws IOException {
    return switch (format) {
      case "webp" -> new WebPImageReaderSpi().createReaderInstance(null);
      case "tiff" -> new TIFFImageReaderSpi().createReaderInstance(null);
      case "bmp" -> new BMPImageReaderSpi().createReaderInstance(null);
      default ->
          OF_THE_JDK.computeIfAbsent(format, ImageIoReaders::ofTheJdk).createReaderInstance();
    };
  }

  private static ImageReaderSpi ofTheJdk(String format) {
    Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format);
    while (readers.hasNext()) {
      ImageReader reader = readers.next();
      if ("java.desktop".equals(reader.getClass().getModule().getName())) {
        return reader.getOriginatingProvider();
      }
    }
    throw new IllegalStateException("this JDK has no ImageIO reader for " + format);
  }
}
