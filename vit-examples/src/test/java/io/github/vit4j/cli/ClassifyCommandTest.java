package io.github.vit4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code vit classify}. */
class ClassifyCommandTest {
  @TempDir static Path folder = Path.of("");
  private static Path model = Path.of("");
  private static Path photos = Path.of("");
  private static Path red = Path.of("");
  private static Path blue = Path.of("");

  @BeforeAll
  static void makeModelAndPhotos() throws IOException {
    model = Fixtures.tinyModel(folder.resolve("model"));
    photos = Files.createDirectory(folder.resolve("photos"));
    red = Fixtures.image(photos.resolve("red.png"), 0xff0000);
    blue = Fixtures.image(photos.resolve("blue.png"), 0x0000ff);
    Files.writeString(photos.resolve("notes.txt"), "not an image");
  }

  @Test
  void oneImageGivesItsLabelsBestFirst() {
    List<String> lines =
        Vit.run("classify", "--model", model, red).succeeds().out().lines().toList();
    assertThat(lines).hasSize(3).allMatch(line -> line.matches("  [01]\\.\\d{3}  LABEL_[012]"));
    assertThat(lines.stream().map(line -> line.substring(2, 7)))
        .isSortedAccordingTo((a, b) -> b.compareTo(a));
  }

  @Test
  void topKLimitsTheLabels() {
    assertThat(Vit.run("classify", "--model", model, "--top-k", 2, red).succeeds().out().lines())
        .hasSize(2);
  }

  @Test
  void aFolderGivesItsImagesSortedEachUnderAHeading() {
    assertThat(
            Vit.run("classify", "--model", model, "--top-k", 1, photos)
                .succeeds()
                .out()
                .lines()
                .filter(line -> !line.startsWith(" ")))
        .containsExactly(blue.toString(), red.toString());
  }

  @Test
  void aGlobThatTheShellLeftIsExpanded() {
    assertThat(
            Vit.run("classify", "--model", model, folder.resolve("ph*").resolve("r?d.{png,jpg}"))
                .succeeds()
                .out())
        .isEqualTo(Vit.run("classify", "--model", model, red).out());
    Vit.run("classify", "--model", model, photos.resolve("*.gif"))
        .fails("no file matches", "*.gif");
  }

  @Test
  void aFileWhoseNameLooksLikeAGlobIsThatFile() throws IOException {
    Path odd = Fixtures.image(Files.createDirectory(folder.resolve("odd")).resolve("[1].png"), 1);
    assertThat(Vit.run("classify", "--model", model, odd).succeeds().out().lines()).hasSize(3);
  }

  @Test
  void jsonHasFilesLabelsIndicesAndScores() throws IOException {
    JsonNode array =
        Vit.run("classify", "--model", model, "--json", blue, red).succeeds().json().get("array");
    assertThat(array).hasSize(2);
    assertThat(array.get(0).get("file").stringValue()).isEqualTo(blue.toString());
    JsonNode predictions = array.get(1).get("predictions");
    assertThat(predictions).hasSize(3);
    double sum = 0;
    for (JsonNode prediction : predictions) {
      assertThat(prediction.get("label").stringValue())
          .isEqualTo("LABEL_" + prediction.get("index").intValue());
      sum += prediction.get("score").doubleValue();
    }
    assertThat(sum).isCloseTo(1, within(1e-6));
  }

  @Test
  void batchesChangeNothing() throws IOException {
    Path many = Files.createDirectory(folder.resolve("many"));
    for (int i = 0; i < 5; i++) {
      Fixtures.image(many.resolve(i + ".png"), i * 0x123456);
    }
    String inTwos = Vit.run("classify", "--model", model, "--batch-size", 2, many).out();
    assertThat(inTwos.lines().filter(line -> !line.startsWith(" "))).hasSize(5);
    assertThat(inTwos).isEqualTo(Vit.run("classify", "--model", model, many).out());
  }

  @Test
  void anUnreadableImageAmongSeveralIsReportedAndTheOthersGoOn() throws IOException {
    Path corrupt = Files.writeString(folder.resolve("corrupt.png"), "no image at all");
    Vit vit =
        Vit.run("classify", "--model", model, "--top-k", 1, blue, corrupt, "missing.png", red);
    assertThat(vit.exitCode()).isEqualTo(1);
    assertThat(vit.err().lines())
        .hasSize(2)
        .allMatch(line -> line.startsWith("vit: cannot read "))
        .noneMatch(line -> line.contains("Exception"));
    assertThat(vit.out().lines().filter(line -> !line.startsWith(" ")))
        .containsExactly(blue.toString(), red.toString());
  }

  @Test
  void failFastStopsAtTheFirstUnreadableImage() throws IOException {
    Path corrupt = Files.writeString(folder.resolve("broken.png"), "no image at all");
    Vit.run("classify", "--model", model, "--fail-fast", corrupt, red).fails("broken.png");
  }

  @Test
  void anOnlyImageThatCannotBeReadIsOneLine() throws IOException {
    Path corrupt = Files.write(folder.resolve("cut.png"), truncated(red));
    Vit.run("classify", "--model", model, corrupt).fails("cut.png");
    Vit.run("classify", "--model", model, "missing.png").fails("missing.png", "no such file");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Vit.run("classify", "--model", model, empty).fails("holds no image file", "jpg");
  }

  private static byte[] truncated(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    return java.util.Arrays.copyOf(bytes, bytes.length / 2);
  }

  @Test
  void aPictureOfABillionPixelsIsRefused() throws IOException {
    byte[] png = Files.readAllBytes(red);
    // Width and height lie behind the signature and the chunk's length and name.
    java.nio.ByteBuffer.wrap(png).putInt(16, 40_000).putInt(20, 40_000);
    java.util.zip.CRC32 checksum = new java.util.zip.CRC32();
    checksum.update(png, 12, 17);
    java.nio.ByteBuffer.wrap(png).putInt(29, (int) checksum.getValue());
    Path bomb = Files.write(folder.resolve("bomb.png"), png);
    Vit.run("classify", "--model", model, bomb).fails("bomb.png", "40000x40000");
  }

  @Test
  void whatIsNotThereIsToldWithWhatIs() {
    Vit.run("classify", "--model", "nowhere", red).fails("no model at 'nowhere'");
    Vit.run("classify", "--model", "builtin:nothing", red).fails("'nothing'");
    Vit.run("classify", "--model", photos, red).fails("config.json");
    Vit.run("classify", "--model", red, red).fails("is a file");
    Vit.run("classify", "--model", model, "--backend", "abacus", red).fails("'abacus'", "onnx");
    Vit.run("classify", "--model", model, "--device", "npu:7", red).fails("npu:7", "cpu");
    Vit.run("classify", "--model", model, "--backend", "onnx", "--precision", "bfloat16", red)
        .fails("bfloat16", "cpu");
  }

  @Test
  void aModelWithoutLabelsIsRefused() {
    Path unlabelled = Fixtures.tinyModel(folder.resolve("unlabelled"), "--num-labels=0", "--force");
    Vit.run("classify", "--model", unlabelled, red).fails("no labels");
  }

  @Test
  void labelsCannotControlTheTerminal() throws IOException {
    Path hostile = Fixtures.tinyModel(folder.resolve("hostile-labels"));
    Path config = hostile.resolve("config.json");
    Files.writeString(
        config,
        Files.readString(config).replace("\"0\": \"LABEL_0\"", "\"0\": \"a\\u001b[2Jb\\n\""));
    String out = Vit.run("classify", "--model", hostile, red).succeeds().out();
    assertThat(out).doesNotContain("\u001b").contains("a [2Jb");
    List<String> lines = new ArrayList<>(out.lines().toList());
    assertThat(lines).hasSize(3);
  }
}
