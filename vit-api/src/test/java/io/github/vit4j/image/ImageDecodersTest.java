package io.github.vit4j.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.error.ConfigException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import javax.imageio.ImageIO;
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
  void decodersRefuseTheSame() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(GeneratedImages.rgb(40, 30).toBufferedImage(), "jpeg", out);
    byte[] file = out.toByteArray();
    byte[] cut = java.util.Arrays.copyOf(file, file.length - 100);
    for (String decoder : List.of("imageio", "opencv")) {
      ImageReader reader = GeneratedImages.reader(decoder);
      assertThatThrownBy(() -> reader.read(cut)).hasMessageContaining("truncated");
    }
    assertThat(GeneratedImages.reader("opencv").read(file).rgb())
        .isEqualTo(GeneratedImages.reader("imageio").read(file).rgb());
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
}
