package io.github.vit4j.image;

import io.github.vit4j.error.ConfigException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/** What the tests share with image_reference.py: pictures made of integers, hashes, its files. */
public final class GeneratedImages {
  private GeneratedImages() {}

  /** {@code generated} of image_reference.py, interleaved. */
  public static byte[] levels(int width, int height, int channels) {
    byte[] levels = new byte[width * height * channels];
    int to = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < channels; c++) {
          long product = (x * 7919L + y * 104729L + c * 1299709L) * 2654435761L;
          int noise = (int) ((product & 0xffffffffL) >> 24);
          int smooth = (x * 3 + y * 2 + c * 50) % 256;
          levels[to++] = (byte) (c == 0 ? smooth : c == 1 ? noise : (smooth + noise) / 2);
        }
      }
    }
    return levels;
  }

  /** A picture of {@link #levels}. */
  public static RgbImage rgb(int width, int height) {
    return RgbImage.of(width, height, levels(width, height, 3));
  }

  /** The sha256 in hexadecimal digits. */
  public static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** The rows of a tab-separated resource next to {@code type}, without its comments. */
  public static List<List<String>> rows(Class<?> type, String resource) {
    InputStream in = type.getResourceAsStream(resource);
    if (in == null) {
      throw new AssertionError("no resource " + resource);
    }
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return reader
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> List.of(line.split("\t", -1)))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A reader with that decoder; the test is skipped by name where it cannot be used. */
  public static ImageReader reader(String decoder) {
    try {
      return ImageReader.create().withDecoder(decoder);
    } catch (ConfigException e) {
      return Assumptions.abort(String.valueOf(e.getMessage()));
    }
  }

  /** The directory shared/photos beside the repository; null where it is not there. */
  private static @Nullable Path photoDirectory() {
    Path path = Path.of("").toAbsolutePath();
    while (path != null && !Files.isDirectory(path.resolve("shared/photos"))) {
      path = path.getParent();
    }
    return path == null ? null : path.resolve("shared/photos");
  }

  /**
   * A file of the directory shared/photos beside the repository; the test is skipped by name where
   * it is not there.
   */
  public static Path photo(String name) {
    Path photos = photoDirectory();
    Assumptions.assumeTrue(photos != null, "no directory shared/photos beside the repository");
    Path photo = Objects.requireNonNull(photos).resolve(name);
    Assumptions.assumeTrue(Files.exists(photo), "no photo shared/photos/" + name);
    return photo;
  }

  /** All files of the directory shared/photos; none where it is not there. */
  public static List<Path> photos() {
    Path photos = photoDirectory();
    if (photos == null) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(photos)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
