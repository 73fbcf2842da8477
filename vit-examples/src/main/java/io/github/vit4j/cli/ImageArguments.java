package io.github.vit4j.cli;

import io.github.vit4j.error.ImageException;
import io.github.vit4j.pictures.SamplePhotos;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Which images: files, folders, globs and addresses; and how many at a time. */
final class ImageArguments {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "IMAGE",
      arity = "1..*",
      description =
          "JPEG, PNG, GIF, BMP, TIFF or WebP files, folders (the images directly in them), quoted globs such as"
              + " 'photos/*.jpg', http(s) addresses, or files on the HuggingFace hub such as"
              + " hf://datasets/huggingface/cats-image/cats_image.jpeg.")
  private List<String> arguments = new ArrayList<>();

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "8",
      description = "How many images are computed at once. Default: ${DEFAULT-VALUE}.")
  private int batchSize = 8;

  @Option(
      names = "--fail-fast",
      description =
          "Stop at the first image that cannot be read, instead of reporting it and going on.")
  private boolean failFast;

  int batchSize() {
    if (batchSize < 1) {
      throw new ParameterException(
          spec.commandLine(), "--batch-size must be at least 1, got " + batchSize);
    }
    return batchSize;
  }

  /** Whether one of these that cannot be read is the end of it all. */
  boolean stopAtFirst(List<ImageSource> images) {
    return failFast || images.size() == 1;
  }

  /**
   * The images, in the order of the arguments; those of a folder or glob sorted by name. A name
   * that is no file is kept, so that reading it says what is wrong.
   *
   * @throws ImageException if a folder holds no image, a glob matches nothing, or an address is
   *     none
   */
  List<ImageSource> images() throws IOException {
    List<ImageSource> images = new ArrayList<>();
    for (String argument : arguments) {
      if (ImageSource.Download.isAddress(argument)) {
        images.add(ImageSource.Download.of(argument));
      } else if (ImageSource.HubFile.isAddress(argument)) {
        images.add(ImageSource.HubFile.of(argument, () -> Main.hub(spec)));
      } else {
        expand(argument).forEach(file -> images.add(new ImageSource.File(file)));
      }
    }
    return images;
  }

  private static List<Path> expand(String argument) throws IOException {
    Path path;
    try {
      path = Path.of(argument);
    } catch (InvalidPathException e) {
      throw new ImageException(
          "'%s' is not a path: %s".formatted(Failures.oneLine(argument), e.getReason()), e);
    }
    if (Files.isDirectory(path)) {
      List<Path> images = children(path, "*").stream().filter(SamplePhotos::isImage).toList();
      if (images.isEmpty()) {
        throw SamplePhotos.noImageIn(path);
      }
      return images;
    }
    if (Files.exists(path) || !isGlob(argument)) {
      return List.of(path);
    }
    List<Path> matches = glob(path);
    if (matches.isEmpty()) {
      throw new ImageException("no file matches '%s'".formatted(argument));
    }
    return matches;
  }

  private static boolean isGlob(String text) {
    return text.chars().anyMatch(c -> "*?[{".indexOf(c) >= 0);
  }

  /** Files that match, name by name along the path, as a shell does it. */
  private static List<Path> glob(Path pattern) throws IOException {
    Path root = pattern.getRoot();
    List<Path> found = List.of(root == null ? Path.of("") : root);
    for (Path name : pattern) {
      List<Path> next = new ArrayList<>();
      for (Path directory : found) {
        if (isGlob(name.toString())) {
          next.addAll(children(directory, name.toString()));
        } else if (Files.exists(directory.resolve(name))) {
          next.add(directory.resolve(name));
        }
      }
      found = next;
    }
    return found.stream().filter(Files::isRegularFile).toList();
  }

  private static List<Path> children(Path directory, String glob) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    List<Path> children = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, glob)) {
      for (Path child : stream) {
        if (glob.startsWith(".") || !child.getFileName().toString().startsWith(".")) {
          children.add(child);
        }
      }
    } catch (PatternSyntaxException e) {
      throw new ImageException("'%s' is not a glob: %s".formatted(glob, e.getDescription()), e);
    }
    children.sort(null);
    return children;
  }
}
