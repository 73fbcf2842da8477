package io.github.vit4j.pictures;

import io.github.vit4j.error.ImageException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/** The photos that come with the examples, and those of any folder. */
public final class SamplePhotos {
  private static final Set<String> EXTENSIONS =
      Set.of("jpg", "jpeg", "jpe", "jfif", "png", "gif", "bmp", "dib", "tif", "tiff", "webp");

  private SamplePhotos() {}

  /** {@code vit-examples/photos/chelsea.png}, a cat; found from any working directory. */
  public static Path chelsea() {
    return folder().resolve("chelsea.png");
  }

  /** {@code vit-examples/photos/drawn}: four pictures of each of five kinds. */
  public static Path drawn() {
    return folder().resolve("drawn");
  }

  private static Path folder() {
    try {
      // vit-examples/target/vit-examples.jar, or vit-examples/target/classes in an IDE
      Path code =
          Path.of(SamplePhotos.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      Path target = Objects.requireNonNull(code.getParent());
      return relative(target.resolveSibling("photos"));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** From the working directory where that is a way down, which reads better. */
  private static Path relative(Path absolute) {
    Path here = Path.of("").toAbsolutePath();
    return absolute.startsWith(here) ? here.relativize(absolute) : absolute;
  }

  /**
   * The image files of a folder, sorted by name; not those of folders in it.
   *
   * @throws ImageException if there is no such folder, or no image file in it
   */
  public static List<Path> in(Path folder) {
    List<Path> photos = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, SamplePhotos::isImage)) {
      files.forEach(photos::add);
    } catch (NoSuchFileException | NotDirectoryException e) {
      throw new ImageException("there is no folder %s; name one with photos".formatted(folder), e);
    } catch (IOException e) {
      throw new ImageException(
          "cannot read the folder %s: %s".formatted(folder, e.getMessage()), e);
    }
    if (photos.isEmpty()) {
      throw noImageIn(folder);
    }
    photos.sort(null);
    return photos;
  }

  /** What to throw for a folder that none is in. */
  public static ImageException noImageIn(Path folder) {
    return new ImageException(
        "the folder %s holds no image file (%s)"
            .formatted(folder, String.join(", ", EXTENSIONS.stream().sorted().toList())));
  }

  /** Whether a file is called like an image and is not hidden. */
  public static boolean isImage(Path file) {
    String name = Objects.requireNonNull(file.getFileName()).toString();
    String extension = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return !name.startsWith(".") && EXTENSIONS.contains(extension) && Files.isRegularFile(file);
  }
}
