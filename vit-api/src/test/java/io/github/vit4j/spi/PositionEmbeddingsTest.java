package io.github.vit4j.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.vit4j.config.ImageSize;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.Checkpoint;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Against torch, by {@code position_embeddings.py}. */
class PositionEmbeddingsTest {
  private static final int PATCH = 16;

  private static ViTConfig config(int side) {
    return ViTConfig.builder().imageSize(side * PATCH).patchSize(PATCH).build();
  }

  @Test
  void agreesWithTorch() throws URISyntaxException {
    URL file =
        Objects.requireNonNull(
            PositionEmbeddingsTest.class.getResource("position-embeddings.safetensors"));
    Checkpoint checkpoint = Checkpoint.open(Path.of(file.toURI()));
    int compared = 0;
    for (String name : checkpoint.names()) {
      if (name.endsWith("/source")) {
        continue;
      }
      String side = name.substring(0, name.indexOf('/'));
      int rows = Integer.parseInt(name.substring(name.indexOf('/') + 1, name.indexOf('x')));
      int columns = Integer.parseInt(name.substring(name.indexOf('x') + 1));
      Tensor source = tensor(checkpoint, side + "/source");
      // pixels that do not fill a patch are ignored
      ImageSize image = new ImageSize(rows * PATCH + 5, columns * PATCH + 3);
      Tensor actual = PositionEmbeddings.interpolate(config(Integer.parseInt(side)), source, image);
      Tensor expected = tensor(checkpoint, name);
      assertThat(actual.shape()).isEqualTo(expected.shape());
      float[] values = actual.toFloatArray();
      float[] expectedValues = expected.toFloatArray();
      float magnitude = 0;
      for (float value : expectedValues) {
        magnitude = Math.max(magnitude, Math.abs(value));
      }
      for (int i = 0; i < values.length; i++) {
        assertThat(values[i])
            .as(name + " at " + i)
            .isCloseTo(expectedValues[i], within(1e-6f * magnitude));
      }
      compared++;
    }
    assertThat(compared).isGreaterThan(20);
  }

  private static Tensor tensor(Checkpoint checkpoint, String name) {
    return Objects.requireNonNull(checkpoint.get(name)).tensor();
  }

  @Test
  void takesHalvesAndLeavesTheSourceAlone() {
    Tensor source = Tensor.of(new float[] {1, 2, 3, 4, 5}, 1, 5, 1);
    Tensor halves = source.to(ElementType.BFLOAT16);
    ImageSize image = new ImageSize(3 * PATCH, PATCH);
    assertThat(PositionEmbeddings.interpolate(config(2), halves, image).toFloatArray())
        .isEqualTo(PositionEmbeddings.interpolate(config(2), source, image).toFloatArray());
    assertThat(source.toFloatArray()).containsExactly(1, 2, 3, 4, 5);
  }

  @Test
  void refusesGridsThatAreNotSquareAndImagesWithoutAPatch() {
    Tensor six = Tensor.of(new float[7], 1, 7, 1);
    assertThatThrownBy(
            () -> PositionEmbeddings.interpolate(config(2), six, ImageSize.square(PATCH)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("6 patches");
    Tensor four = Tensor.of(new float[5], 1, 5, 1);
    assertThatThrownBy(
            () -> PositionEmbeddings.interpolate(config(2), four, new ImageSize(PATCH, 15)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("smaller than a patch");
  }
}
