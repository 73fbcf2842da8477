package io.github.vit4j.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Whether a libjpeg-turbo gives Pillow's pixels: those of chroma that is halved in both directions
 * or vertically, which old versions and settings for speed upsample otherwise, and of a progressive
 * file whose later scans are missing, which versions before 2.1 smooth otherwise. The files and
 * hashes are made by src/test/reference/image_reference.py.
 */
final class TurboJpegCheck {
  private static final String RESOURCE = "turbojpeg-check.tsv";

  /** {@link ImageDecoder#decodeJpeg}. */
  interface Decoding {
    RgbImage decode(byte[] jpeg, int width, int height) throws IOException;
  }

  private TurboJpegCheck() {}

  /** Why it cannot be used; empty if it can. */
  static Optional<String> failure(Decoding decoding) {
    try (InputStream in = TurboJpegCheck.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        return Optional.of("the files to check it with are missing");
      }
      String rows = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      for (String row : rows.lines().filter(line -> !line.startsWith("#")).toList()) {
        String[] fields = row.split("\t", -1);
        byte[] levels =
            decoding
                .decode(
                    Base64.getDecoder().decode(fields[4]),
                    Integer.parseInt(fields[1]),
                    Integer.parseInt(fields[2]))
                .rgb();
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(levels);
        if (!HexFormat.of().formatHex(hash).equals(fields[3])) {
          return Optional.of(
              "its library gives other pixels than Pillow (%s); libjpeg-turbo 2.1 or newer is needed"
                  .formatted(fields[0]));
        }
      }
      return Optional.empty();
    } catch (IOException | NoSuchAlgorithmException e) {
      return Optional.of("its library fails: " + ImageReader.oneLine(e));
    }
  }
}
