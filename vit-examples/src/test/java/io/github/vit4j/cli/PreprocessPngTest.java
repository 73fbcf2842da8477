package io.github.vit4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.image.ImageReader;
import io.github.vit4j.image.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code vit preprocess --png}. */
class PreprocessPngTest {
  @TempDir Path folder = Path.of("");
  private Path model = Path.of("");
  private Path red = Path.of("");
  private Path blue = Path.of("");

  @BeforeEach
  void makeModelAndPhotos() throws IOException {
    model = Fixtures.tinyModel(folder.resolve("model"));
    Path photos = Files.createDirectory(folder.resolve("photos"));
    red = Fixtures.image(photos.resolve("red.png"), 0xff0000);
    blue = Fixtures.image(photos.resolve("blue.png"), 0x1234ff);
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void anOnlyImageBecomesTheFile() {
    Path seen = folder.resolve("seen.png");
    assertThat(Vit.run("preprocess", "--model", model, blue, "--png", seen).succeeds().out())
        .isEqualTo("wrote " + seen + System.lineSeparator());
    RgbImage picture = ImageReader.create().read(seen);
    assertThat(picture.toString()).isEqualTo("RgbImage[16x16]");
    assertThat(List.of(picture.level(0, 0, 0), picture.level(7, 9, 1), picture.level(15, 15, 2)))
        .containsExactly(0x12, 0x34, 0xff);
  }

  @Test
  void theFileHoldsWhatTheModelSees() throws IOException {
    Path photo = folder.resolve("photo.png");
    RgbImage noise = noise(61, 47);
    Files.write(photo, noise.toPng());
    Path seen = folder.resolve("seen.png");
    Vit.run("preprocess", "--model", model, photo, "--png", seen).succeeds();
    ViTImageProcessor processor = ViTImageProcessor.fromPretrained(model);
    assertThat(processor.toBuilder().doResize(false).build().preprocess(read(seen)).toFloatArray())
        .isEqualTo(processor.preprocess(noise).toFloatArray());
  }

  private static RgbImage read(Path file) {
    return ImageReader.create().read(file);
  }

  private static RgbImage noise(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    new java.util.Random(1).nextBytes(rgb);
    return RgbImage.of(width, height, rgb);
  }

  @Test
  void aModelOfOneChannelSeesGrey() {
    Path grey = Fixtures.tinyModel(folder.resolve("grey"), "--num-channels=1");
    Path seen = folder.resolve("grey.png");
    Path numbers = folder.resolve("grey.safetensors");
    Vit.run("preprocess", "--model", grey, blue, "--png", seen, "--output", numbers).succeeds();
    // 0x12, 0x34, 0xff are 65 by Pillow's convert("L").
    RgbImage picture = read(seen);
    assertThat(List.of(picture.level(3, 4, 0), picture.level(3, 4, 1), picture.level(3, 4, 2)))
        .containsOnly(65);
    assertThat(Fixtures.read(numbers, "pixel_values").hasShape(1, 1, 16, 16)).isTrue();
    assertThat(Vit.run("classify", "--model", grey, blue).succeeds().out().lines()).hasSize(3);
    Vit.run("features", "--model", grey, blue, "--output", folder.resolve("f")).succeeds();
  }

  @Test
  void severalImagesGetFilesOfTheirNamesInADirectory() throws IOException {
    Path twin = Files.copy(red, Files.createDirectory(folder.resolve("b")).resolve("RED.gif.png"));
    Path other = Files.copy(blue, folder.resolve("b/red.bmp"));
    Path seen = folder.resolve("new/seen");
    Vit.run("preprocess", "--model", model, red, blue, twin, other, red, "--png", seen).succeeds();
    assertThat(names(seen)).containsExactly("RED.gif.png", "blue.png", "red-2.png", "red.png");
    assertThat(read(seen.resolve("red-2.png")).level(0, 0, 2)).isEqualTo(255);
    assertThat(read(seen.resolve("red.png")).level(0, 0, 0)).isEqualTo(255);
  }

  @Test
  void aDirectoryTakesAnOnlyImageToo() throws IOException {
    Path seen = Files.createDirectory(folder.resolve("one"));
    Vit.run("preprocess", "--model", model, red, "--png", seen).succeeds();
    assertThat(names(seen)).containsExactly("red.png");
  }

  @Test
  void numbersAndPicturesAreWrittenAtOnce() {
    Path numbers = folder.resolve("pixels.safetensors");
    Path seen = folder.resolve("both.png");
    String out =
        Vit.run("preprocess", "--model", model, red, "--output", numbers, "--png", seen)
            .succeeds()
            .out();
    assertThat(out.lines()).hasSize(2);
    assertThat(Fixtures.read(numbers, "pixel_values").hasShape(1, 3, 16, 16)).isTrue();
    assertThat(read(seen).width()).isEqualTo(16);
  }

  @Test
  void imagesThatCannotBeReadAreReportedAndTheOthersWritten() throws IOException {
    Path corrupt = Files.writeString(folder.resolve("corrupt.png"), "no image at all");
    Path seen = folder.resolve("seen");
    Vit vit = Vit.run("preprocess", "--model", model, red, corrupt, blue, "--png", seen);
    assertThat(vit.exitCode()).isEqualTo(1);
    assertThat(vit.err().lines()).hasSize(1).allMatch(line -> line.contains("corrupt.png"));
    assertThat(names(seen)).containsExactly("blue.png", "red.png");
  }

  @Test
  void noImageIsOverwritten() throws IOException {
    byte[] before = Files.readAllBytes(red);
    Path photos = folder.resolve("photos");
    Vit.run("preprocess", "--model", model, photos, "--png", photos).fails("one of the images");
    Vit.run("preprocess", "--model", model, red, "--png", photos.resolve("../photos/red.png"))
        .fails("one of the images");
    assertThat(Files.readAllBytes(red)).isEqualTo(before);
    assertThat(names(photos)).containsExactly("blue.png", "red.png");
  }

  @Test
  void whatCannotBeWrittenIsOneLine() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    Vit.run("preprocess", "--model", model, red, blue, "--png", file).fails("name a directory");
    Vit.run("preprocess", "--model", model, red, "--png", folder.resolve("no/where.png"))
        .fails("there is no directory");
    Vit.run("preprocess", "--model", model, red).isWrongUsage("--output", "--png");
  }
}
