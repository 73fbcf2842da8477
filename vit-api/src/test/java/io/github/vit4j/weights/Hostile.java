package io.github.vit4j.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Makes safetensors files that no writer would. */
final class Hostile {
  private Hostile() {}

  /** Length and header. */
  static byte[] header(String json) {
    byte[] text = json.getBytes(StandardCharsets.UTF_8);
    return withLength(text.length, text, 0);
  }

  /** A file with that header and so many zero bytes of data. */
  static byte[] file(String json, int dataSize) {
    byte[] header = header(json);
    return Arrays.copyOf(header, header.length + dataSize);
  }

  /** A file that claims a header of that length, whatever follows. */
  static byte[] withLength(long length, byte[] text, int dataSize) {
    return ByteBuffer.allocate(8 + text.length + dataSize)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(length)
        .put(text)
        .array();
  }
}
