package io.github.vit4j.image;

import io.github.vit4j.error.ConfigException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/**
 * Chooses what decodes JPEG: the JDK's ImageIO, or an {@link ImageDecoder} that is found. A choice
 * by name that cannot be met is an error; why an automatic one fell as it did is logged.
 */
final class ImageDecoders {
  static final String PROPERTY = "vit4j.image.decoder";
  static final String AUTO = "auto";

  /** The name of what needs no other library. */
  static final String IMAGE_IO = "imageio";

  private static final System.Logger LOGGER = System.getLogger(ImageDecoders.class.getName());

  private ImageDecoders() {}

  /** Found once, as looking for native libraries takes time. */
  private static final class Found {
    static final List<ImageDecoder> DECODERS = load();
    static final Optional<ImageDecoder> BEST = automatic(DECODERS);
  }

  private static List<ImageDecoder> load() {
    return load(ServiceLoader.load(ImageDecoder.class, ImageDecoder.class.getClassLoader()));
  }

  /** One that cannot be created, or has no name, is left out. */
  static List<ImageDecoder> load(Iterable<ImageDecoder> services) {
    List<ImageDecoder> found = new ArrayList<>();
    Iterator<ImageDecoder> iterator = services.iterator();
    while (true) {
      try {
        if (!iterator.hasNext()) {
          return List.copyOf(found);
        }
        ImageDecoder decoder = iterator.next();
        Objects.requireNonNull(decoder.name(), "an image decoder has a name");
        found.add(decoder);
      } catch (ServiceConfigurationError | RuntimeException | LinkageError e) {
        LOGGER.log(
            System.Logger.Level.WARNING,
            "an image decoder is left out: {0}",
            ImageReader.oneLine(e));
      }
    }
  }

  /** Why it cannot be used; one that fails when asked, against its contract, cannot. */
  private static Optional<String> unavailable(ImageDecoder decoder) {
    try {
      return decoder.unavailable();
    } catch (RuntimeException | LinkageError e) {
      return Optional.of("it failed when asked: " + ImageReader.oneLine(e));
    }
  }

  /**
   * The decoder of that name; empty for ImageIO.
   *
   * @param name {@code auto} for the first that can be used, or ImageIO
   * @throws ConfigException if there is none of that name, or it cannot be used
   */
  static Optional<ImageDecoder> choose(String name) {
    return switch (name) {
      case IMAGE_IO -> Optional.empty();
      case AUTO -> Found.BEST;
      default -> Optional.of(named(name, Found.DECODERS));
    };
  }

  static Optional<ImageDecoder> automatic(List<ImageDecoder> decoders) {
    for (ImageDecoder decoder : decoders) {
      Optional<String> problem = unavailable(decoder);
      LOGGER.log(
          System.Logger.Level.DEBUG,
          "image decoder {0}: {1}",
          decoder.name(),
          problem.orElse("chosen"));
      if (problem.isEmpty()) {
        return Optional.of(decoder);
      }
    }
    LOGGER.log(System.Logger.Level.DEBUG, "image decoder {0}: chosen", IMAGE_IO);
    return Optional.empty();
  }

  static ImageDecoder named(String name, List<ImageDecoder> decoders) {
    List<String> there = new ArrayList<>(List.of(IMAGE_IO));
    for (ImageDecoder decoder : decoders) {
      Optional<String> problem = unavailable(decoder);
      if (decoder.name().equals(name) && problem.isEmpty()) {
        return decoder;
      }
      there.add(decoder.name() + problem.map(reason -> " (not here: " + reason + ")").orElse(""));
    }
    throw new ConfigException(
        "no image decoder %s; there is %s; use one of them or auto"
            .formatted(ImageReader.oneLine(name), ImageReader.oneLine(String.join(", ", there))));
  }
}
