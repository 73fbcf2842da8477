package io.github.vit4j.pictures;

import io.github.vit4j.error.ImageException;
import io.github.vit4j.image.RgbImage;
import io.github.vit4j.weights.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A finished picture.
 *
 * @param image its pixels
 */
public record Picture(RgbImage image) {
  /**
   * {@link #write}, into a folder.
   *
   * @param folder made where it is missing
   * @return the file
   * @throws ImageException if it cannot be written
   */
  public Path save(Path folder, String name) {
    Path file = folder.resolve(name);
    try {
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(folder);
      }
      write(file);
    } catch (IOException e) {
      throw new ImageException(
          "cannot write %s: %s; name another folder to write pictures to"
              .formatted(file, reason(folder, e)),
          e);
    }
    return file;
  }

  /**
   * Writes a PNG file, which appears whole or not at all and replaces one that is there.
   *
   * @throws IOException if it cannot be written
   */
  public void write(Path file) throws IOException {
    ByteBuffer png = ByteBuffer.wrap(image.toPng());
    AtomicFile.write(
        file,
        channel -> {
          while (png.hasRemaining()) {
            channel.write(png);
          }
        });
  }

  private static String reason(Path folder, IOException e) {
    if (!Files.isDirectory(folder)) {
      return Files.exists(folder)
          ? folder + " is no folder"
          : "the folder %s cannot be made".formatted(folder);
    }
    return e instanceof AccessDeniedException ? "no permission" : String.valueOf(e.getMessage());
  }
}
