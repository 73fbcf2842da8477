package io.github.vit4j.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Compares bytes with the etag that the hub gives them: the SHA-256 of large files, the SHA-1 of
 * git's blob object for small ones.
 */
final class BlobHash {
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern GIT_SHA1 = Pattern.compile("[0-9a-f]{40}");
  private static final int CHUNK = 1 << 18;

  private BlobHash() {}

  /** Whether an etag says what the bytes are; those of mirrors may be of another kind. */
  static boolean isHash(String etag) {
    return SHA256.matcher(etag).matches() || GIT_SHA1.matcher(etag).matches();
  }

  /** The hash of a file in the form of that etag. */
  static String of(Path file, String etag) throws IOException {
    MessageDigest digest;
    try {
      if (SHA256.matcher(etag).matches()) {
        digest = MessageDigest.getInstance("SHA-256");
      } else {
        digest = MessageDigest.getInstance("SHA-1");
        digest.update(("blob " + Files.size(file) + "\0").getBytes(StandardCharsets.US_ASCII));
      }
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has both
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] chunk = new byte[CHUNK];
      for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
        digest.update(chunk, 0, read);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
