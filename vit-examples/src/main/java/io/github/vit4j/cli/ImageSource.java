package io.github.vit4j.cli;

import io.github.vit4j.error.HubException;
import io.github.vit4j.error.ImageException;
import io.github.vit4j.hub.HubClient;
import io.github.vit4j.image.ImageReader;
import io.github.vit4j.image.RgbImage;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where an image comes from; {@code toString} is what the user called it. */
sealed interface ImageSource {
  /** Decodes it. */
  RgbImage read(ImageReader reader);

  /** What decodes them, for a stream of them. */
  static Function<ImageSource, RgbImage> reader() {
    ImageReader reader = ImageReader.create();
    return source -> source.read(reader);
  }

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
      return lastName(address.getPath() == null ? "" : address.getPath());
    }

    /** Whatever an address says becomes a name in one directory. */
    private static String lastName(String path) {
      String last = path.substring(path.lastIndexOf('/') + 1).replaceAll("[^\\w.-]", "_");
      return last.startsWith(".") ? "_" + last.substring(1) : last;
    }

    @Override
    public String toString() {
      return address.toString();
    }
  }

  /**
   * A file of a repository on the HuggingFace hub.
   *
   * @param text what the user called it
   * @param isDataset whether it is a data set's, not a model's
   */
  record HubFile(
      String text,
      boolean isDataset,
      String repository,
      String revision,
      String file,
      Supplier<HubClient> hub)
      implements ImageSource {
    private static final Pattern ADDRESS =
        Pattern.compile(
            "hf://(?:(datasets|models)/)?([^/@]+/[^/@]+)(?:@([^/]+))?/(.+)", Pattern.DOTALL);

    /** Whether the text is meant as such. */
    static boolean isAddress(String text) {
      return text.startsWith("hf://");
    }

    /**
     * Reads {@code hf://datasets/NAMESPACE/NAME/FILE}, also with {@code @REVISION} behind the name;
     * without {@code datasets/}, it is a model's.
     *
     * @throws ImageException if it is none
     */
    static HubFile of(String text, Supplier<HubClient> hub) {
      Matcher matcher = ADDRESS.matcher(text);
      if (!matcher.matches()) {
        throw new ImageException(
            "'%s' is not a file on the hub; expected one like hf://datasets/huggingface/cats-image/cats_image.jpeg"
                .formatted(Failures.oneLine(text)));
      }
      String revision = matcher.group(3) == null ? HubClient.DEFAULT_REVISION : matcher.group(3);
      return new HubFile(
          text,
          "datasets".equals(matcher.group(1)),
          matcher.group(2),
          revision.replaceAll("(?i)%2f", "/"),
          matcher.group(4),
          hub);
    }

    @Override
    public RgbImage read(ImageReader reader) {
      try {
        return reader.read(
            isDataset
                ? hub.get().datasetFile(repository, revision, file)
                : hub.get().modelFile(repository, revision, file));
      } catch (HubException e) {
        throw new ImageException(String.valueOf(e.getMessage()), e);
      }
    }

    @Override
    public String fileName() {
      return Download.lastName(file);
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
