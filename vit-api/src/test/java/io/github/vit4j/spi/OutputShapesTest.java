package io.github.vit4j.spi;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ImageSize;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.tensor.Tensor;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OutputShapesTest {
  private static final ViTConfig CONFIG =
      ViTConfig.builder()
          .hiddenSize(12)
          .numHiddenLayers(3)
          .numAttentionHeads(2)
          .imageSize(8)
          .patchSize(4)
          .encoderStride(5)
          .numChannels(3)
          .poolerOutputSize(7)
          .numLabels(6)
          .build();

  private static long[] shape(ViTConfig config, int height, int width, Output output) {
    ViTInputs inputs =
        new ViTInputs(
            Tensor.of(new float[2 * 3 * height * width], 2, 3, height, width),
            null,
            true,
            Set.of(output));
    ModelDefinition model =
        new ModelDefinition(config, Architecture.VIT_MODEL, new ModelSource.Weights(Map.of()));
    return OutputShapes.of(model, inputs, output);
  }

  @Test
  void areThoseOfTransformers() {
    // 3 x 2 patches; the pixels that do not fill a patch are ignored
    assertThat(shape(CONFIG, 13, 11, Output.LOGITS)).containsExactly(2, 6);
    assertThat(shape(CONFIG, 13, 11, Output.LAST_HIDDEN_STATE)).containsExactly(2, 7, 12);
    assertThat(shape(CONFIG, 13, 11, Output.HIDDEN_STATES)).containsExactly(2, 7, 12);
    assertThat(shape(CONFIG, 13, 11, Output.POOLER_OUTPUT)).containsExactly(2, 7);
    assertThat(shape(CONFIG, 13, 11, Output.ATTENTIONS)).containsExactly(2, 2, 7, 7);
  }

  @Test
  void aModelWithoutLabelsHandsOutTheToken() {
    assertThat(shape(CONFIG.toBuilder().numLabels(0).build(), 8, 8, Output.LOGITS))
        .containsExactly(2, 12);
  }

  @Test
  void reconstructionsAreSquare() {
    assertThat(shape(CONFIG, 8, 8, Output.RECONSTRUCTION)).containsExactly(2, 3, 10, 10);
    // 1 x 4 patches, which transformers takes as 2 x 2
    assertThat(shape(CONFIG, 4, 16, Output.RECONSTRUCTION)).containsExactly(2, 3, 10, 10);
    assertThat(
            shape(
                CONFIG.toBuilder().patchSize(new ImageSize(2, 4)).build(),
                32,
                16,
                Output.RECONSTRUCTION))
        .containsExactly(2, 3, 40, 40);
  }

  @Test
  void hiddenStatesAreOneMoreThanLayers() {
    assertThat(OutputShapes.count(CONFIG, Output.HIDDEN_STATES)).isEqualTo(4);
    assertThat(OutputShapes.count(CONFIG, Output.ATTENTIONS)).isEqualTo(3);
    assertThat(OutputShapes.count(CONFIG, Output.LOGITS)).isEqualTo(1);
  }
}
