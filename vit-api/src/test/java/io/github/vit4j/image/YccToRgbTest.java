package io.github.vit4j.image;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class YccToRgbTest {
  /** Of libjpeg's jdcolor.c, written as it stands there. */
  private static int[] expected(int y, int cb, int cr) {
    int red = y + ((91881 * (cr - 128) + 32768) >> 16);
    int green = y + ((-22554 * (cb - 128) - 46802 * (cr - 128) + 32768) >> 16);
    int blue = y + ((116130 * (cb - 128) + 32768) >> 16);
    return new int[] {Math.clamp(red, 0, 255), Math.clamp(green, 0, 255), Math.clamp(blue, 0, 255)};
  }

  @Test
  void everyTripleIsThatOfLibjpeg() {
    byte[] pixels = new byte[3 * 256 * 256];
    for (int y = 0; y < 256; y++) {
      for (int i = 0; i < 256 * 256; i++) {
        pixels[3 * i] = (byte) y;
        pixels[3 * i + 1] = (byte) (i >> 8);
        pixels[3 * i + 2] = (byte) i;
      }
      YccToRgb.convert(pixels);
      int different = 0;
      for (int i = 0; i < 256 * 256; i++) {
        int[] expected = expected(y, i >> 8, i & 255);
        for (int c = 0; c < 3; c++) {
          different += (pixels[3 * i + c] & 0xff) == expected[c] ? 0 : 1;
        }
      }
      assertThat(different).as("luma %d", y).isZero();
    }
  }
}
