package io.github.vit4j.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.error.ImageException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every file of shared/photos against what Pillow makes of it ({@code photos.tsv}). What differs is
 * named in {@code photos-differing.tsv}, each with how far; the list is exact: a file that differs
 * without being on it fails, one on it that has come to match fails, and one on it whose pixels
 * change fails.
 */
class PhotosTest {
  private static final String REFUSED = "refused";

  private static final List<String> DECODERS = List.of("imageio", "turbojpeg", "opencv");

  /** By decoder and file. */
  private static final Map<List<String>, List<String>> DIFFERING =
      GeneratedImages.rows(PhotosTest.class, "photos-differing.tsv").stream()
          .collect(Collectors.toMap(row -> row.subList(0, 2), Function.identity()));

  private static final List<List<String>> EXPECTED =
      GeneratedImages.rows(PhotosTest.class, "photos.tsv");

  @TestFactory
  Stream<DynamicTest> readsAsPillowDoes() {
    return DECODERS.stream()
        .flatMap(
            decoder ->
                EXPECTED.stream()
                    .map(
                        row ->
                            DynamicTest.dynamicTest(
                                decoder + ": " + row.getFirst(), () -> check(decoder, row))));
  }

  private static void check(String decoder, List<String> row) {
    ImageReader reader = GeneratedImages.reader(decoder);
    String name = row.getFirst();
    Path photo = GeneratedImages.photo(name);
    String expected = row.get(3).startsWith(REFUSED) ? REFUSED : row.get(3);
    String size = expected.equals(REFUSED) ? "" : row.get(1) + "x" + row.get(2);
    String actual = read(reader, photo, size);
    List<String> differing = DIFFERING.get(List.of(decoder, name));
    if (differing == null) {
      assertThat(actual).isEqualTo(expected);
    } else {
      assertThat(actual).as("it is on the list of what differs").isNotEqualTo(expected);
      assertThat(actual).as("what differs has changed").isEqualTo(differing.get(2));
    }
  }

  private static String read(ImageReader reader, Path photo, String size) {
    RgbImage image;
    try {
      image = reader.read(photo);
    } catch (ImageException e) {
      assertThat(e.getMessage()).contains(photo.toString()).doesNotContain("\n");
      return REFUSED;
    }
    if (!size.isEmpty()) {
      assertThat(image.width() + "x" + image.height()).isEqualTo(size);
    }
    return GeneratedImages.sha256(image.rgb());
  }

  @Test
  void listOfWhatDiffersNamesKnownFilesOnly() {
    assertThat(EXPECTED)
        .extracting(List::getFirst)
        .containsAll(DIFFERING.keySet().stream().map(List::getLast).toList());
    assertThat(DECODERS).containsAll(DIFFERING.keySet().stream().map(List::getFirst).toList());
  }

  @Test
  void limitOnPixelsIsAsked() {
    Path photo = GeneratedImages.photo("04-pillow/hopper.png");
    assertThat(ImageReader.withMaxPixels(128 * 128).read(photo).width()).isEqualTo(128);
    assertThatThrownBy(() -> ImageReader.withMaxPixels(128 * 128 - 1).read(photo))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("128x128");
  }
}
