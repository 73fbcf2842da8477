package io.github.vit4j.image;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.error.ConfigException;
import io.github.vit4j.error.ImageException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.ServiceConfigurationError;
import java.util.stream.IntStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class ImageDecodersTest {
  private record Named(String name, Optional<String> unavailable) implements ImageDecoder {
    @Override
    public RgbImage decodeJpeg(byte[] jpeg, int width, int height) {
      return RgbImage.of(width, height, new byte[3 * width * height]);
    }
  }

  private static final ImageDecoder FAST = new Named("fast", Optional.empty());
  private static final ImageDecoder BROKEN = new Named("broken", Optional.of("it\nfell"));

  @Test
  void automaticChoiceIsTheFirstThatCanBeUsed() {
    assertThat(ImageDecoders.automatic(List.of(BROKEN, FAST))).contains(FAST);
    assertThat(ImageDecoders.automatic(List.of(BROKEN))).isEmpty();
    assertThat(ImageDecoders.automatic(List.of())).isEmpty();
  }

  @Test
  void choiceByNameThatCannotBeMetListsWhatIsThere() {
    List<ImageDecoder> decoders = List.of(FAST, BROKEN);
    assertThat(ImageDecoders.named("fast", decoders)).isEqualTo(FAST);
    for (String name : List.of("broken", "other", "a\nb")) {
      assertThatThrownBy(() -> ImageDecoders.named(name, decoders))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("imageio, fast, broken (not here: it fell)")
          .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }
    assertThatThrownBy(() -> ImageReader.create().withDecoder("no-such"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("imageio");
  }

  @Test
  void decodersThatFailAreLeftOut() {
    ImageDecoder failing =
        new ImageDecoder() {
          @Override
          public String name() {
            return "failing";
          }

          @Override
          public Optional<String> unavailable() {
            throw new UnsatisfiedLinkError("no such library");
          }

          @Override
          public RgbImage decodeJpeg(byte[] jpeg, int width, int height) {
            throw new AssertionError("it cannot be used");
          }
        };
    assertThat(ImageDecoders.automatic(List.of(failing, FAST))).contains(FAST);
    assertThatThrownBy(() -> ImageDecoders.named("failing", List.of(failing)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("failing (not here: it failed when asked: no such library)");
  }

  @Test
  void servicesThatCannotBeCreatedAreLeftOut() {
    Iterator<ImageDecoder> good = List.of(FAST).iterator();
    Iterator<ImageDecoder> services =
        new Iterator<>() {
          private boolean asked;

          @Override
          public boolean hasNext() {
            if (!asked) {
              asked = true;
              throw new ServiceConfigurationError("Provider com.nowhere.Missing not found");
            }
            return good.hasNext();
          }

          @Override
          public ImageDecoder next() {
            return good.next();
          }
        };
    assertThat(ImageDecoders.load(() -> services)).containsExactly(FAST);
  }

  @Test
  void readerTellsItsDecoder() {
    assertThat(ImageReader.create().withDecoder("imageio").decoder()).isEqualTo("imageio");
    assertThat(GeneratedImages.reader("opencv").decoder()).isEqualTo("opencv");
  }

  /** OpenCV takes the rest of a picture for grey where its data ends. */
  @Test
  void decodersRefuseTheSame() {
    byte[] file = jpeg(40, 30);
    byte[] cut = Arrays.copyOf(file, file.length - 100);
    for (String decoder : List.of("imageio", "turbojpeg", "opencv")) {
      ImageReader reader = GeneratedImages.reader(decoder);
      assertThatThrownBy(() -> reader.read(cut)).hasMessageContaining("truncated");
    }
    assertThat(GeneratedImages.reader("opencv").read(file).rgb())
        .isEqualTo(GeneratedImages.reader("imageio").read(file).rgb());
  }

  @Test
  void readersOfSeveralThreadsShareTheInstalledLibrary() {
    ImageReader reader = GeneratedImages.reader("turbojpeg");
    byte[] file = jpeg(90, 70);
    byte[] expected = reader.withDecoder("imageio").read(file).rgb();
    List<byte[]> pictures =
        IntStream.range(0, 200).parallel().mapToObj(i -> reader.read(file).rgb()).toList();
    assertThat(pictures).allSatisfy(rgb -> assertThat(rgb).isEqualTo(expected));
  }

  @Test
  void decoderOfTheInstalledLibraryChecksTheSizeAndTellsWhatIsWrong() {
    assertThat(GeneratedImages.reader("turbojpeg").decoder()).isEqualTo("turbojpeg");
    ImageDecoder decoder = new TurboJpegDecoder();
    byte[] file = jpeg(40, 30);
    for (int width : new int[] {20, 39, 80}) {
      assertThatThrownBy(() -> decoder.decodeJpeg(file, width, 3 * width / 4))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("size changes");
    }
    assertThatThrownBy(() -> decoder.decodeJpeg(new byte[] {1, 2, 3, 4}, 40, 30))
        .isInstanceOf(IOException.class)
        .hasMessageMatching("TurboJPEG: .+");
  }

  @Test
  void librariesThatAreNotThereAreToldByName() {
    assertThatThrownBy(() -> TurboJpegLibrary.load("/no/such/libturbojpeg.so"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("/no/such/libturbojpeg.so");
    assertThat(TurboJpegLibrary.names("Linux")).containsExactly("libturbojpeg.so.0");
    assertThat(TurboJpegLibrary.names("Windows 11")).allMatch(name -> name.endsWith(".dll"));
    assertThat(TurboJpegLibrary.names("Mac OS X")).allMatch(name -> name.endsWith(".dylib"));
  }

  /** An older libjpeg than Pillow's gives other pixels, and must not be taken for the same. */
  @Test
  void checkFindsOtherPixels() {
    assertThat(
            TurboJpegCheck.failure(
                (jpeg, width, height) -> RgbImage.of(width, height, new byte[3 * width * height])))
        .get(as(InstanceOfAssertFactories.STRING))
        .contains("other pixels than Pillow (4:2:0)");
    assertThat(
            TurboJpegCheck.failure(
                (jpeg, width, height) -> {
                  throw new IOException("damaged\nfile");
                }))
        .contains("its library fails: damaged file");
  }

  private static byte[] jpeg(int width, int height) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(GeneratedImages.rgb(width, height).toBufferedImage(), "jpeg", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  @Test
  void redAndBlueChangePlaces() {
    for (int pixels = 1; pixels < 12; pixels++) {
      byte[] levels = GeneratedImages.levels(pixels, 1, 3);
      byte[] swapped = levels.clone();
      ByteOrders.swapRedAndBlue(swapped);
      for (int i = 0; i < levels.length; i++) {
        assertThat(swapped[i]).isEqualTo(levels[i - i % 3 + 2 - i % 3]);
      }
    }
  }

  /**
   * A progressive JPEG of noise whose first scan ends early, which is a warning, and that misses
   * the Huffman tables of the later ones, which is fatal.
   */
  private static byte[] fatalAfterWarning(boolean warning) throws IOException {
    BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(0);
    for (int i = 0; i < 64 * 64; i++) {
      image.setRGB(i % 64, i / 64, random.nextInt(1 << 24));
    }
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ImageWriteParam parameters = writer.getDefaultWriteParam();
    parameters.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
    try (ImageOutputStream output = ImageIO.createImageOutputStream(whole)) {
      writer.setOutput(output);
      writer.write(null, new IIOImage(image, null, null), parameters);
    } finally {
      writer.dispose();
    }
    byte[] file = whole.toByteArray();
    ByteArrayOutputStream damaged = new ByteArrayOutputStream();
    damaged.write(file, 0, 2);
    int scans = 0;
    for (int at = 2; (file[at + 1] & 0xff) != 0xd9; ) {
      int marker = file[at + 1] & 0xff;
      int end = at + 2 + ((file[at + 2] & 0xff) << 8 | (file[at + 3] & 0xff));
      if (marker != 0xc4 || scans == 0) {
        damaged.write(file, at, end - at);
      }
      at = end;
      if (marker == 0xda) {
        while (file[end] != (byte) 0xff || file[end + 1] == 0) {
          end++;
        }
        int length = warning && scans == 0 ? (end - at) / 2 : end - at;
        damaged.write(file, at, length);
        at = end;
        scans++;
      }
    }
    damaged.write(file, file.length - 2, 2);
    return damaged.toByteArray();
  }

  @Test
  void whatIsFatalIsAnErrorAlsoAfterAWarning() throws IOException {
    for (String decoder : List.of("imageio", "turbojpeg")) {
      ImageReader reader = GeneratedImages.reader(decoder);
      for (boolean warning : new boolean[] {false, true}) {
        byte[] file = fatalAfterWarning(warning);
        assertThatThrownBy(() -> reader.read(file))
            .as("%s, with a warning before: %s", decoder, warning)
            .isInstanceOf(ImageException.class);
      }
    }
  }

  @Test
  void aFileThatEndsInAMarkersFirstByteIsTruncated() throws IOException {
    byte[] file = jpeg(90, 70);
    ImageReader reader = ImageReader.create().withDecoder("imageio");
    for (int length = file.length - 40; length < file.length - 24; length++) {
      byte[] cut = Arrays.copyOf(file, length);
      cut[length - 1] = (byte) 0xff;
      assertThatThrownBy(() -> reader.read(cut)).hasMessageContaining("truncated");
    }
  }
}
