package io.github.vit4j.image;

/**
 * What a JPEG inside of another file asks of its decoder.
 *
 * @param width in pixels, the largest that a frame header tells; 0 where there is none
 * @param height in pixels, likewise
 * @param scans how often the decoder goes over the picture
 */
record JpegExtent(int width, int height, long scans) {
  /** Reads the markers that libjpeg would find in a part of the bytes, wherever the data begin. */
  static JpegExtent of(byte[] jpeg, int from, int to) {
    int width = 0;
    int height = 0;
    long scans = 0;
    int at = from;
    while (at + 3 < to) {
      int marker = jpeg[at + 1] & 0xff;
      if (jpeg[at] != (byte) 0xff || marker == 0xff) {
        at++; // compressed data, or what fills up
        continue;
      }
      at += 2;
      if (JpegDecoder.standsAlone(marker)) {
        continue;
      }
      if (JpegDecoder.isFrame(marker) && at + 7 <= to) {
        height = Math.max(height, shortAt(jpeg, at + 3));
        width = Math.max(width, shortAt(jpeg, at + 5));
      }
      if (marker == JpegDecoder.SCAN) {
        scans++;
      }
      at += Math.max(shortAt(jpeg, at), 2);
    }
    return new JpegExtent(width, height, scans);
  }

  private static int shortAt(byte[] jpeg, int at) {
    return (jpeg[at] & 0xff) << 8 | (jpeg[at + 1] & 0xff);
  }
}
