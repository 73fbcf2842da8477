package io.github.vit4j.cli;

import io.github.vit4j.error.ImageException;
import io.github.vit4j.image.RgbImage;
import io.github.vit4j.pictures.Picture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** PNG files: one for an only image, else one for each in a directory, called like the images. */
final class PngOutput {
  private final Map<ImageSource, Path> targets;

  private PngOutput(Map<ImageSource, Path> targets) {
    this.targets = targets;
  }

  /**
   * Decides what the files will be called, and finds out before the work whether they can be
   * written.
   *
   * @param fileOrDirectory a directory, which is made where several images need one, or a file
   * @throws ImageException if that cannot be, or if an image would be overwritten
   */
  static PngOutput of(Path fileOrDirectory, List<ImageSource> images) throws IOException {
    boolean directory = Files.isDirectory(fileOrDirectory);
    if (images.size() > 1 && !directory) {
      if (Files.exists(fileOrDirectory)) {
        throw new ImageException(
            "cannot write %d images into %s: it is a file; name a directory"
                .formatted(images.size(), fileOrDirectory));
      }
      Files.createDirectories(fileOrDirectory);
      directory = true;
    }
    Map<ImageSource, Path> targets = new LinkedHashMap<>();
    // Without regard to case, because some file systems know none.
    Set<String> taken = new HashSet<>();
    for (ImageSource image : images) {
      if (!targets.containsKey(image)) {
        targets.put(
            image, directory ? fileOrDirectory.resolve(name(image, taken)) : fileOrDirectory);
      }
    }
    Set<Path> sources =
        images.stream()
            .filter(ImageSource.File.class::isInstance)
            .map(image -> identity(((ImageSource.File) image).path()))
            .collect(Collectors.toUnmodifiableSet());
    for (Path target : targets.values()) {
      OutputFile.check(target);
      if (sources.contains(identity(target))) {
        throw new ImageException(
            "cannot write %s: it is one of the images that are read; name another directory or file"
                .formatted(target));
      }
    }
    return new PngOutput(targets);
  }

  private static Path identity(Path file) {
    try {
      return file.toRealPath();
    } catch (IOException e) {
      return file.toAbsolutePath().normalize();
    }
  }

  private static String name(ImageSource image, Set<String> taken) {
    String full = image.fileName();
    int dot = full.lastIndexOf('.');
    String stem = dot > 0 ? full.substring(0, dot) : full.isEmpty() ? "image" : full;
    String name = stem;
    for (int i = 2; !taken.add(name.toLowerCase(Locale.ROOT)); i++) {
      name = stem + "-" + i;
    }
    return name + ".png";
  }

  /** Writes the picture of an image; the file appears whole or not at all. */
  Path write(ImageSource image, RgbImage picture) {
    Path target = Objects.requireNonNull(targets.get(image));
    try {
      new Picture(picture).write(target);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return target;
  }
}
