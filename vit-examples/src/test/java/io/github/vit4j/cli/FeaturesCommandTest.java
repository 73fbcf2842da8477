package io.github.vit4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.vit4j.config.Json;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.Checkpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code vit features} and the tensors of {@code vit preprocess}. */
class FeaturesCommandTest {
  @TempDir static Path folder = Path.of("");
  private static Path model = Path.of("");
  private static Path withPooler = Path.of("");
  private static Path red = Path.of("");
  private static Path blue = Path.of("");

  @BeforeAll
  static void makeModelAndPhotos() throws IOException {
    model = Fixtures.tinyModel(folder.resolve("model"));
    withPooler =
        Fixtures.tinyModel(
            folder.resolve("pooler"), "--architecture=ViTModel", "--pooler-output-size=5");
    red = Fixtures.image(folder.resolve("red.png"), 0xff0000);
    blue = Fixtures.image(folder.resolve("blue.png"), 0x0000ff);
  }

  @Test
  void withoutPoolingThereIsAVectorPerToken() {
    Path output = folder.resolve("none.safetensors");
    String out =
        Vit.run("features", "--model", model, red, blue, "--output", output).succeeds().out();
    assertThat(out.strip()).isEqualTo("wrote %s: features float32[2, 5, 8]".formatted(output));
    assertThat(Fixtures.read(output, "features").hasShape(2, 5, 8)).isTrue();
  }

  @Test
  void poolingFollowsFromTheTokens() {
    Path all = folder.resolve("all.safetensors");
    Path cls = folder.resolve("cls.safetensors");
    Path mean = folder.resolve("mean.safetensors");
    Vit.run("features", "--model", model, red, blue, "--output", all).succeeds();
    Vit.run("features", "--model", model, red, blue, "--pool=cls", "--output", cls).succeeds();
    Vit.run("features", "--model", model, red, blue, "--pool=mean", "--output", mean).succeeds();
    Tensor tokens = Fixtures.read(all, "features");
    for (int image = 0; image < 2; image++) {
      for (int i = 0; i < 8; i++) {
        assertThat(Fixtures.read(cls, "features").slice(image).getFloat(i))
            .isEqualTo(tokens.slice(image).slice(0).getFloat(i));
        double sum = 0;
        for (int token = 1; token < 5; token++) {
          sum += tokens.slice(image).slice(token).getFloat(i);
        }
        assertThat(Fixtures.read(mean, "features").slice(image).getFloat(i))
            .isCloseTo((float) (sum / 4), within(1e-6f));
      }
    }
  }

  @Test
  void thePoolerIsUsedWhereThereIsOne() {
    Path output = folder.resolve("pooler.safetensors");
    Vit.run("features", "--model", withPooler, red, "--pool=pooler", "--output", output).succeeds();
    assertThat(Fixtures.read(output, "features").hasShape(1, 5)).isTrue();
    Vit.run("features", "--model", model, red, "--pool=pooler", "--output", output)
        .fails("no pooler");
  }

  @Test
  void metadataNamesTheFilesThatCouldBeRead() throws IOException {
    Path output = folder.resolve("some.safetensors");
    Path corrupt = Files.writeString(folder.resolve("corrupt.png"), "no image at all");
    Vit vit = Vit.run("features", "--model", model, red, corrupt, blue, "--output", output);
    assertThat(vit.exitCode()).isEqualTo(1);
    assertThat(vit.err().lines()).hasSize(1);
    assertThat(Fixtures.read(output, "features").dimension(0)).isEqualTo(2);
    String files = Objects.requireNonNull(Checkpoint.open(output).metadata().get("files"));
    assertThat(
            Json.readObject(("{\"files\":" + files + "}").getBytes(StandardCharsets.UTF_8))
                .get("files"))
        .map(node -> node.stringValue())
        .containsExactly(red.toString(), blue.toString());
  }

  @Test
  void nothingIsWrittenWhenNoImageCanBeRead() {
    Path output = folder.resolve("nothing.safetensors");
    Vit.run("features", "--model", model, "missing.png", "--output", output).fails("missing.png");
    assertThat(output).doesNotExist();
  }

  @Test
  void whereItCannotWriteItSaysSoBeforeTheWork() {
    Path nowhere = folder.resolve("nowhere").resolve("f.safetensors");
    for (String command : new String[] {"features", "preprocess"}) {
      Vit.run(command, "--model", model, red, "--output", nowhere).fails("there is no directory");
      Vit.run(command, "--model", model, red, "--output", folder).fails("it is a directory");
    }
  }

  @Test
  void preprocessWritesPixelValues() throws IOException {
    Path output = folder.resolve("pixels.safetensors");
    assertThat(
            Vit.run("preprocess", "--model", model, red, blue, "--json", "--output", output)
                .succeeds()
                .json()
                .get("tensors")
                .get("pixel_values")
                .get("dtype")
                .stringValue())
        .isEqualTo("float32");
    Tensor pixelValues = Fixtures.read(output, "pixel_values");
    assertThat(pixelValues.elementType()).isEqualTo(ElementType.FLOAT32);
    assertThat(pixelValues.hasShape(2, 3, 16, 16)).isTrue();
    // Red is 1 in the first channel and -1 in the others, after (x / 255 - 0.5) / 0.5.
    assertThat(pixelValues.slice(0).slice(0).toFloatArray()).containsOnly(1f);
    assertThat(pixelValues.slice(0).slice(2).toFloatArray()).containsOnly(-1f);
    assertThat(pixelValues.slice(1).slice(2).toFloatArray()).containsOnly(1f);
  }

  @Test
  void imagesThatEndInDifferentSizesDoNotFitIntoOneTensor() throws IOException {
    Path keeping = Fixtures.tinyModel(folder.resolve("keeping"));
    Path config = keeping.resolve("preprocessor_config.json");
    Files.writeString(
        config, Files.readString(config).replace("\"do_resize\": true", "\"do_resize\": false"));
    Path large = folder.resolve("large.png");
    javax.imageio.ImageIO.write(
        new java.awt.image.BufferedImage(30, 30, java.awt.image.BufferedImage.TYPE_INT_RGB),
        "png",
        large.toFile());
    Vit.run("preprocess", "--model", keeping, red, large, "--output", folder.resolve("x"))
        .fails("red.png", "large.png", "do not fit into one tensor");
  }

  @Test
  void aModelWithoutPreprocessorIsRefused() throws IOException {
    Path bare = Fixtures.tinyModel(folder.resolve("bare"));
    Files.delete(bare.resolve("preprocessor_config.json"));
    Vit.run("preprocess", "--model", bare, red, "--output", folder.resolve("x"))
        .fails("preprocessor_config.json");
  }
}
