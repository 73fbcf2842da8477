package io.github.vit4j.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RgbImageTest {
  /** Three columns, two rows: 0 1 2 / 3 4 5. */
  private static RgbImage numbered() {
    byte[] rgb = new byte[18];
    for (int i = 0; i < 6; i++) {
      rgb[3 * i] = (byte) i;
      rgb[3 * i + 1] = (byte) (100 + i);
      rgb[3 * i + 2] = (byte) (200 + i);
    }
    return RgbImage.of(3, 2, rgb);
  }

  private static String rows(RgbImage image) {
    StringBuilder text = new StringBuilder();
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        int number = image.level(x, y, 0);
        assertThat(image.level(x, y, 1)).isEqualTo(100 + number);
        assertThat(image.level(x, y, 2)).isEqualTo(200 + number);
        text.append(number);
      }
      text.append(y + 1 < image.height() ? "/" : "");
    }
    return text.toString();
  }

  // Made with ImageOps.exif_transpose of Pillow.
  @ParameterizedTest
  @CsvSource({
    "0, 012/345",
    "1, 012/345",
    "2, 210/543",
    "3, 543/210",
    "4, 345/012",
    "5, 03/14/25",
    "6, 30/41/52",
    "7, 52/41/30",
    "8, 25/14/03",
    "9, 012/345",
    "-1, 012/345"
  })
  void turnsAsExifSays(int orientation, String expected) {
    assertThat(rows(numbered().withExifOrientation(orientation))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        BufferedImage.TYPE_INT_RGB,
        BufferedImage.TYPE_INT_BGR,
        BufferedImage.TYPE_3BYTE_BGR,
        BufferedImage.TYPE_4BYTE_ABGR,
        BufferedImage.TYPE_INT_ARGB
      })
  void copiesBufferedImages(int type) {
    BufferedImage image = new BufferedImage(3, 2, type);
    RgbImage numbered = numbered();
    for (int y = 0; y < 2; y++) {
      for (int x = 0; x < 3; x++) {
        // The alpha of 7 must be dropped, not blended.
        int green = numbered.level(x, y, 1) << 8;
        image.setRGB(
            x, y, 7 << 24 | numbered.level(x, y, 0) << 16 | green | numbered.level(x, y, 2));
      }
    }
    assertThat(RgbImage.fromBufferedImage(image).rgb()).isEqualTo(numbered.rgb());
    BufferedImage part = image.getSubimage(1, 1, 2, 1);
    assertThat(rows(RgbImage.fromBufferedImage(part))).isEqualTo("45");
  }

  @Test
  void greyLevelsStayWhatTheyAre() {
    BufferedImage image = new BufferedImage(256, 1, BufferedImage.TYPE_BYTE_GRAY);
    for (int x = 0; x < 256; x++) {
      image.getRaster().setSample(x, 0, 0, x);
    }
    RgbImage rgb = RgbImage.fromBufferedImage(image);
    for (int x = 0; x < 256; x++) {
      assertThat(rgb.level(x, 0, 0)).isEqualTo(x);
      assertThat(rgb.level(x, 0, 2)).isEqualTo(x);
    }
  }

  @Test
  void becomesBufferedImageAndBack() {
    RgbImage image = GeneratedImages.rgb(13, 7);
    assertThat(RgbImage.fromBufferedImage(image.toBufferedImage()).rgb()).isEqualTo(image.rgb());
  }

  @Test
  void becomesGreyAndGreyBecomesRgb() {
    byte[] levels = new byte[256];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = (byte) i;
    }
    RgbImage rgb = GreyImage.of(32, 8, levels).toRgb();
    assertThat(rgb.toString()).isEqualTo("RgbImage[32x8]");
    assertThat(rgb.level(31, 7, 1)).isEqualTo(255);
    assertThat(GreyImage.fromRgb(rgb).levels()).isEqualTo(levels);
    assertThatThrownBy(() -> GreyImage.of(2, 2, levels))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> GreyImage.of(0, 2, levels))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void becomesPngAndBack() {
    RgbImage image = GeneratedImages.rgb(13, 7);
    assertThat(ImageReader.create().read(image.toPng()).rgb()).isEqualTo(image.rgb());
  }

  @Test
  void refusesImpossibleSizes() {
    assertThatThrownBy(() -> RgbImage.of(0, 1, new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> RgbImage.of(2, 2, new byte[11]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> RgbImage.of(65536, 65536, new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
