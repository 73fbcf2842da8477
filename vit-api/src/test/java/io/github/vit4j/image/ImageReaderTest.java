package io.github.vit4j.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class ImageReaderTest {
  private static final List<List<String>> SAMPLES =
      GeneratedImages.rows(ImageReaderTest.class, "samples.tsv");

  private static byte[] file(List<String> sample) {
    return Base64.getDecoder().decode(sample.get(4));
  }

  @TestFactory
  Stream<DynamicTest> readsSamplesAsPillowDoes() {
    return Stream.of("imageio", "turbojpeg", "opencv")
        .flatMap(
            decoder ->
                SAMPLES.stream()
                    .map(
                        sample ->
                            DynamicTest.dynamicTest(
                                decoder + ": " + sample.getFirst(), () -> check(decoder, sample))));
  }

  private static void check(String decoder, List<String> sample) {
    RgbImage image = GeneratedImages.reader(decoder).read(file(sample));
    assertThat(image.width() + "x" + image.height()).isEqualTo(sample.get(1) + "x" + sample.get(2));
    assertThat(GeneratedImages.sha256(image.rgb())).isEqualTo(sample.get(3));
  }

  @Test
  void readsFilesStreamsAndBytes(@TempDir Path directory) throws IOException {
    byte[] bytes = file(SAMPLES.getLast());
    Path file = Files.write(directory.resolve("picture"), bytes);
    byte[] expected = ImageReader.create().read(bytes).rgb();
    assertThat(ImageReader.create().read(file).rgb()).isEqualTo(expected);
    assertThat(ImageReader.create().read(new ByteArrayInputStream(bytes)).rgb())
        .isEqualTo(expected);
  }

  @Test
  void leavesTheSettingsOfImageIoAlone() {
    boolean before = ImageIO.getUseCache();
    assertThat(ImageReader.create().read(file(SAMPLES.getFirst())).width()).isEqualTo(1);
    assertThat(ImageIO.getUseCache()).isEqualTo(before);
  }

  @Test
  void refusesImpossibleLimits() {
    assertThatThrownBy(() -> ImageReader.withMaxPixels(0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ImageReader.withMaxPixels(Integer.MAX_VALUE))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
