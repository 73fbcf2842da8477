package io.github.vit4j.cli;

import io.github.vit4j.error.ImageException;
import io.github.vit4j.image.ImageReader;
import io.github.vit4j.image.RgbImage;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Where an image comes from; {@code toString} is what the user called it. */
sealed interface ImageSource {
  /** Decodes it. */
  RgbImage read(ImageReader reader);

  /** Its own name without the way there. */
  String fileName();

  /** A file, whether it is there or not. */
  record File(Path path) implements ImageSource {
    @Override
    public RgbImage read(ImageReader reader) {
      return reader.read(path);
    }

    @Override
    public String fileName() {
      Path last = path.getFileName();
      return last == null ? "" : last.toString();
    }

    @Override
    public String toString() {
      return path.toString();
    }
  }

  /** An address that is downloaded. */
  record Download(URI address) implements ImageSource {
    private static final Pattern HTTP = Pattern.compile("(?i)https?://.*", Pattern.DOTALL);

    /** Whether the text is meant as an address. */
    static boolean isAddress(String text) {
      return HTTP.matcher(text).matches();
    }

    /**
     * Reads an address.
     *
     * @throws ImageException if it is none
     */
    static Download of(String text) {
      try {
        return new Download(new URI(text));
      } catch (URISyntaxException e) {
        throw new ImageException(
            "'%s' is not an address: %s; write spaces as %%20"
                .formatted(Failures.oneLine(text), e.getReason()),
            e);
      }
    }

    @Override
    public RgbImage read(ImageReader reader) {
      return reader.read(address);
    }

    @Override
    public String fileName() {
      // Whatever the address says becomes a name in one directory.
      String path = address.getPath() == null ? "" : address.getPath();
      String last = path.substring(path.lastIndexOf('/') + 1).replaceAll("[^\\w.-]", "_");
      return last.startsWith(".") ? "_" + last.substring(1) : last;
    }

    @Override
    public String toString() {
      return address.toString();
    }
  }
}
