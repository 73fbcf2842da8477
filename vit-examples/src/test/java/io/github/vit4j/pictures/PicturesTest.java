package io.github.vit4j.pictures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.config.ImageSize;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.ImageException;
import io.github.vit4j.image.ImageReader;
import io.github.vit4j.image.RgbImage;
import io.github.vit4j.pictures.ContactSheet.Neighbour;
import io.github.vit4j.pipeline.Classification;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The right pixels in the right places. */
class PicturesTest {
  private static final int LEFT = 32;
  private static final int TOP = 96;
  private static final RgbImage CHELSEA = ImageReader.create().read(SamplePhotos.chelsea());
  private static final ViTImageProcessor PROCESSOR =
      ViTImageProcessor.builder().size(32, 32).build();

  @TempDir Path folder = Path.of("");

  private static void assertHolds(RgbImage picture, RgbImage part, int left, int top) {
    for (int y = 0; y < part.height(); y++) {
      for (int x = 0; x < part.width(); x++) {
        for (int channel = 0; channel < 3; channel++) {
          assertThat(picture.level(left + x, top + y, channel))
              .as("column %d, row %d of the part", x, y)
              .isEqualTo(part.level(x, y, channel));
        }
      }
    }
  }

  private static int rgb(RgbImage image, int x, int y) {
    return image.level(x, y, 0) << 16 | image.level(x, y, 1) << 8 | image.level(x, y, 2);
  }

  private static int rgb(Color colour) {
    return colour.getRGB() & 0xffffff;
  }

  private static RgbImage plain(int width, int height, int level) {
    byte[] levels = new byte[3 * width * height];
    Arrays.fill(levels, (byte) level);
    return RgbImage.of(width, height, levels);
  }

  private static Picture classification(RgbImage photo) {
    return ClassificationPicture.of(
        photo,
        List.of(
            new Classification("cat", 0, 0.75f),
            new Classification("кот", 1, 0.25f),
            new Classification("猫", 2, 1e-6f),
            new Classification("x".repeat(500), 3, 0),
            new Classification("nothing", 4, Float.NaN)),
        "a model");
  }

  @Test
  void classificationShowsThePhotoAndBarsOfTheRightLength() {
    RgbImage picture = classification(CHELSEA).image();
    RgbImage shown = Scaling.fit(CHELSEA, 264, 264);
    assertThat(shown.width()).isEqualTo(264);
    assertThat(shown.height()).isEqualTo(176);
    assertHolds(picture, shown, LEFT, TOP + (220 - 176) / 2);
    int x = LEFT + 264 + 36;
    int y = TOP + 26;
    assertThat(rgb(picture, x + 372 * 3 / 4 - 6, y)).isEqualTo(rgb(Style.ACCENT));
    assertThat(rgb(picture, x + 372 * 3 / 4 + 2, y)).isEqualTo(rgb(Style.PANEL));
    assertThat(rgb(picture, x + 372 / 4 - 6, y + 46)).isEqualTo(rgb(Style.ACCENT_SOFT));
    assertThat(rgb(picture, x + 372 / 4 + 2, y + 46)).isEqualTo(rgb(Style.PANEL));
  }

  @Test
  void theSameComesOutEachTimeAndEverywhere() {
    Supplier<List<byte[]>> all =
        () ->
            List.of(
                classification(plain(2, 2, 9)).image().rgb(),
                ArchitectureCard.of(ViTConfig.builder().build()).image().rgb(),
                PreprocessingPicture.of(CHELSEA, PROCESSOR, PROCESSOR.preprocess(CHELSEA), "")
                    .image()
                    .rgb());
    List<byte[]> first = all.get();
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      List<byte[]> again = all.get();
      for (int i = 0; i < first.size(); i++) {
        assertThat(Arrays.equals(again.get(i), first.get(i))).as("picture %d", i).isTrue();
      }
    } finally {
      Locale.setDefault(before);
    }
  }

  @ParameterizedTest
  @CsvSource({"1,1", "5000,1", "1,5000", "3,2", "1000000,2"})
  void photosOfAnyShapeAreShown(int width, int height) {
    RgbImage photo = plain(width, height, 77);
    List<RgbImage> pictures = new ArrayList<>();
    pictures.add(classification(photo).image());
    pictures.add(
        PreprocessingPicture.of(photo, PROCESSOR, PROCESSOR.preprocess(photo), "").image());
    float[] attention = {0, 1, 2, 3, 4, 5};
    pictures.add(
        AttentionPicture.of(photo, PROCESSOR, List.of(attention, attention), 3, "").image());
    Mosaic mosaic = Mosaic.cut(photo, ImageSize.square(16));
    boolean[] mask = new boolean[64 * 4];
    mask[5] = true;
    pictures.add(MaskedPicture.of(mosaic, mosaic.windows(), mask, ImageSize.square(8), "").image());
    assertThat(pictures)
        .allSatisfy(
            picture -> {
              assertThat(picture.width()).isBetween(400, 1200);
              assertThat(picture.height()).isBetween(250, 800);
              assertThat(picture.rgb()).contains((byte) 77);
            });
  }

  @Test
  void aMosaicIsThePhotosMiddleInWindows() {
    byte[] levels = new byte[3 * 192 * 128];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = (byte) (i * 31);
    }
    RgbImage photo = RgbImage.of(192, 128, levels);
    Mosaic mosaic = Mosaic.cut(photo, ImageSize.square(32));
    assertThat(mosaic.windows()).hasSize(16);
    assertThat(mosaic.perRow()).isEqualTo(4);
    assertHolds(photo, mosaic.join(), 32, 0);
    assertHolds(photo, mosaic.windows().get(6), 32 + 2 * 32, 32);
    assertThat(Mosaic.cut(photo, ImageSize.square(224)).windows()).hasSize(1);
  }

  @Test
  void maskedPatchesAreGreyThenFilledAndTheOthersStay() {
    Mosaic black = new Mosaic(List.of(plain(4, 4, 0)), 1);
    boolean[] mask = {false, true, false, false};
    RgbImage picture =
        MaskedPicture.of(black, List.of(plain(4, 4, 51)), mask, ImageSize.square(2), "").image();
    int step = 256 + 20;
    for (int panel = 0; panel < 4; panel++) {
      int x = LEFT + panel * step;
      assertThat(rgb(picture, x + 5, TOP + 5)).isZero();
      assertThat(rgb(picture, x + 5, TOP + 250)).isZero();
      assertThat(rgb(picture, x + 250, TOP + 5))
          .isEqualTo(new int[] {0, 0xd2d2d2, 0x333333, 0}[panel]);
    }
  }

  @Test
  void theContactSheetShowsTheNearestFirst() {
    List<Path> photos = SamplePhotos.in(SamplePhotos.drawn());
    List<Neighbour> neighbours = new ArrayList<>();
    for (int i = 1; i < photos.size(); i++) {
      neighbours.add(new Neighbour(photos.get(i), 1 - i / 10.0));
    }
    RgbImage sheet = ContactSheet.of(photos.getFirst(), neighbours, "").image();
    ImageReader reader = ImageReader.create();
    assertHolds(sheet, Scaling.fit(reader.read(photos.getFirst()), 192, 144), LEFT, TOP);
    int x = LEFT + 192 + 32;
    assertHolds(sheet, Scaling.fit(reader.read(photos.get(1)), 128, 96), x, TOP);
    assertHolds(sheet, Scaling.fit(reader.read(photos.get(2)), 128, 96), x + 144, TOP);
    assertHolds(sheet, Scaling.fit(reader.read(photos.get(5)), 128, 96), x, TOP + 142);
    int bar = TOP + 96 + 7;
    assertThat(rgb(sheet, x + (int) (128 * 0.9) - 3, bar)).isEqualTo(rgb(Style.ACCENT));
    assertThat(rgb(sheet, x + (int) (128 * 0.9) + 3, bar)).isEqualTo(rgb(Style.PANEL));
    // Fewer than there is room for, and none.
    ContactSheet.of(photos.getFirst(), neighbours.subList(0, 3), "");
    ContactSheet.of(photos.getFirst(), List.of(), "");
  }

  @Test
  void preprocessingShowsThePixelsThatTheModelSees() {
    RgbImage picture =
        PreprocessingPicture.of(CHELSEA, PROCESSOR, PROCESSOR.preprocess(CHELSEA), "").image();
    RgbImage seen = PROCESSOR.toRgbImage(PROCESSOR.preprocess(CHELSEA).slice(0));
    assertHolds(picture, Scaling.squares(seen, 224), LEFT + 250 + 28 + 28 + 28, TOP);
    RgbImage shown = Scaling.fit(CHELSEA, 250, 224);
    assertHolds(picture, shown, LEFT, TOP + (224 - shown.height()) / 2);
  }

  @Test
  void whatACropLeavesOutIsPaleAndFramed() {
    ViTImageProcessor cropping =
        PROCESSOR.toBuilder().doCenterCrop(true).cropSize(ImageSize.square(16)).build();
    RgbImage black = plain(224, 224, 0);
    RgbImage picture =
        PreprocessingPicture.of(black, cropping, cropping.preprocess(black), "").image();
    int x = LEFT + 13;
    assertThat(rgb(picture, x + 20, TOP + 20)).isEqualTo(0xaaaaaa);
    assertThat(rgb(picture, x + 112, TOP + 112)).isZero();
    assertThat(rgb(picture, x + 56, TOP + 112)).isEqualTo(rgb(Style.WARM));
  }

  @Test
  void attentionLightsThePhotoWhereItIs() {
    float[] attention = new float[64];
    for (int patch : new int[] {2 * 8 + 5, 2 * 8 + 6, 3 * 8 + 5, 3 * 8 + 6}) {
      attention[patch] = 1;
    }
    RgbImage picture =
        AttentionPicture.of(plain(252, 252, 128), PROCESSOR, List.of(attention), 8, "").image();
    int lit = picture.level(LEFT + 6 * 31, TOP + 3 * 31, 0);
    assertThat(lit).isGreaterThan(150);
    assertThat(picture.level(LEFT + 2 * 33, TOP + 6 * 33, 0)).isLessThan(60);
  }

  @Test
  void picturesAreSavedWholeIntoAFolderThatIsMade() throws IOException {
    Picture picture = new Picture(plain(3, 2, 200));
    Path file = picture.save(folder.resolve("a/b"), "c.png");
    assertThat(ImageReader.create().read(file).rgb()).isEqualTo(picture.image().rgb());
    assertThat(picture.save(folder.resolve("a/b"), "c.png")).isEqualTo(file);
    assertThat(folder.resolve("a/b")).isDirectoryContaining(file::equals);
    try (var files = Files.list(folder.resolve("a/b"))) {
      assertThat(files).containsExactly(file);
    }
    assertThatThrownBy(() -> picture.save(file, "d.png"))
        .isInstanceOf(ImageException.class)
        .hasMessageContainingAll("d.png", "is no folder", "name another folder");
    assertThatThrownBy(() -> picture.save(file.resolve("below"), "d.png"))
        .isInstanceOf(ImageException.class)
        .hasMessageContainingAll("d.png", "cannot be made");
    Files.createDirectory(folder.resolve("e.png"));
    assertThatThrownBy(() -> picture.save(folder, "e.png"))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("e.png");
  }

  @Test
  void foldersAreSearchedForImagesByName() throws IOException {
    assertThat(SamplePhotos.in(SamplePhotos.drawn())).hasSize(20).isSorted();
    assertThatThrownBy(() -> SamplePhotos.in(folder.resolve("none")))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("there is no folder");
    Files.writeString(folder.resolve("notes.txt"), "");
    Files.writeString(folder.resolve(".hidden.png"), "");
    assertThatThrownBy(() -> SamplePhotos.in(folder))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("holds no image file");
  }

  @Test
  void parametersAreThoseOfViTBase() {
    // transformers: ViTForImageClassification(ViTConfig(num_labels=1000)).num_parameters()
    ViTConfig config = ViTConfig.builder().numLabels(1000).build();
    assertThat(ArchitectureCard.parameters(config)).isEqualTo(86_567_656);
  }
}
