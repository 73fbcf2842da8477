package io.github.vit4j.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the orientation (tag 274) in an EXIF block or, as Pillow does when there is none, in XMP.
 * Reads one directory of a bounded block and follows no pointers; anything odd counts as 1, which
 * is what Pillow makes of damaged EXIF.
 */
final class ExifOrientation {
  static final int UPRIGHT = 1;

  private static final int TAG = 274;
  private static final byte[] PREFIX = {'E', 'x', 'i', 'f', 0, 0};
  private static final Pattern XMP = Pattern.compile("tiff:Orientation(=\"|>)([0-9])");

  private ExifOrientation() {}

  /** From EXIF if the tag is there, else from XMP; either may be empty. */
  static int of(byte[] exif, byte[] xmp) {
    int orientation = fromExif(exif);
    if (orientation >= 0) {
      return orientation;
    }
    Matcher matcher = XMP.matcher(new String(xmp, StandardCharsets.ISO_8859_1));
    return matcher.find() ? Integer.parseInt(matcher.group(2)) : UPRIGHT;
  }

  private static int fromExif(byte[] exif) {
    int start = 0;
    while (startsWith(exif, start, PREFIX)) {
      start += PREFIX.length;
    }
    ByteBuffer tiff = ByteBuffer.wrap(exif, start, exif.length - start).slice();
    if (tiff.remaining() < 8) {
      return -1;
    }
    int order = tiff.getShort(0);
    if (order == 0x4949) {
      tiff.order(ByteOrder.LITTLE_ENDIAN);
    } else if (order != 0x4d4d) {
      return -1;
    }
    long directory = Integer.toUnsignedLong(tiff.getInt(4));
    if (directory + 2 > tiff.limit()) {
      return -1;
    }
    int entries = Short.toUnsignedInt(tiff.getShort((int) directory));
    for (int i = 0; i < entries; i++) {
      long entry = directory + 2 + 12L * i;
      if (entry + 12 > tiff.limit()) {
        return -1;
      }
      int at = (int) entry;
      if (Short.toUnsignedInt(tiff.getShort(at)) == TAG && tiff.getInt(at + 4) == 1) {
        return value(tiff, tiff.getShort(at + 2), at + 8);
      }
    }
    return -1;
  }

  /** Of SHORT, LONG and their signed kinds; other types are no number to Pillow. */
  private static int value(ByteBuffer tiff, int type, int at) {
    return switch (type) {
      case 3, 8 -> Math.max(tiff.getShort(at), 0);
      case 4, 9 -> Math.max(tiff.getInt(at), 0);
      default -> -1;
    };
  }

  static boolean startsWith(byte[] bytes, int at, byte[] prefix) {
    if (at < 0 || bytes.length - at < prefix.length) {
      return false;
    }
    for (int i = 0; i < prefix.length; i++) {
      if (bytes[at + i] != prefix[i]) {
        return false;
      }
    }
    return true;
  }
}
