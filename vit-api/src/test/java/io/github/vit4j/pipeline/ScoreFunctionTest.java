package io.github.vit4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.vit4j.config.ProblemType;
import io.github.vit4j.config.ViTConfig;
import org.junit.jupiter.api.Test;

class ScoreFunctionTest {
  @Test
  void isChosenAsHuggingFaceDoes() {
    assertThat(ScoreFunction.forConfig(ViTConfig.builder().numLabels(3).build()))
        .isEqualTo(ScoreFunction.SOFTMAX);
    assertThat(ScoreFunction.forConfig(ViTConfig.builder().numLabels(1).build()))
        .isEqualTo(ScoreFunction.SIGMOID);
    ViTConfig multi =
        ViTConfig.builder()
            .numLabels(3)
            .problemType(ProblemType.MULTI_LABEL_CLASSIFICATION)
            .build();
    assertThat(ScoreFunction.forConfig(multi)).isEqualTo(ScoreFunction.SIGMOID);
  }

  @Test
  void softmaxSumsToOneAndStandsLargeLogits() {
    float[] scores = ScoreFunction.SOFTMAX.apply(new float[] {1000, 1001, -1000});
    assertThat(scores[0] + scores[1] + scores[2]).isCloseTo(1, within(1e-6f));
    assertThat(scores[1] / scores[0]).isCloseTo((float) Math.E, within(1e-5f));
    assertThat(scores[2]).isZero();
  }

  @Test
  void sigmoidTakesEachLogitAlone() {
    assertThat(ScoreFunction.SIGMOID.apply(new float[] {0, 1000, -1000}))
        .containsExactly(0.5f, 1, 0);
    assertThat(ScoreFunction.NONE.apply(new float[] {3, -4})).containsExactly(3, -4);
  }
}
