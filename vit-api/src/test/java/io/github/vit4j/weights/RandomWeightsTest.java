package io.github.vit4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.CheckpointException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class RandomWeightsTest {
  private static final ViTConfig CONFIG =
      ViTConfig.builder()
          .hiddenSize(256)
          .numHiddenLayers(1)
          .numAttentionHeads(2)
          .intermediateSize(512)
          .build();

  /** From {@code src/test/reference/random_weights.py}. */
  private static final float[] GOLDEN_PATCH = {
    0.0152925765f, 0.005045276f, -0.018738683f, -0.033780165f
  };

  private static final float[] GOLDEN_CLS = {
    -0.054690372f, 0.037071586f, -0.007054524f, -0.003462373f
  };

  private static float[] values(Map<String, Weight> weights, String name) {
    return Objects.requireNonNull(weights.get(name), name).tensor().toFloatArray();
  }

  private static double mean(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static double deviation(float[] values) {
    double mean = mean(values);
    double sum = 0;
    for (float value : values) {
      sum += (value - mean) * (value - mean);
    }
    return Math.sqrt(sum / values.length);
  }

  /** Mean and deviation of every parameter that transformers initialised for the same model. */
  @Test
  void hasPythonsDistributions() {
    Map<String, Weight> weights =
        RandomWeights.create(CONFIG, Architecture.VIT_FOR_MASKED_IMAGE_MODELING, false, 1);
    JsonNode python = Resources.json("initial-statistics.json");

    assertThat(weights).hasSize(python.size());
    for (Map.Entry<String, JsonNode> entry : python.properties()) {
      String name = CheckpointNames.canonical(entry.getKey());
      double pythonsDeviation = entry.getValue().get(1).doubleValue();
      float[] values = values(weights, name);
      if (pythonsDeviation == 0) {
        assertThat(values).as(name).containsOnly(entry.getValue().get(0).floatValue());
      } else {
        // Five standard errors of a mean and of a standard deviation of so many numbers.
        double error = 5 * 0.02 / Math.sqrt(values.length);
        assertThat(mean(values)).as(name).isCloseTo(0, within(error));
        assertThat(deviation(values)).as(name).isCloseTo(0.02, within(error / Math.sqrt(2)));
        assertThat(pythonsDeviation).as(name).isCloseTo(0.02, within(error / Math.sqrt(2)));
      }
    }
  }

  @Test
  void isNormal() {
    float[] values =
        values(
            RandomWeights.create(CONFIG, Architecture.VIT_MODEL, true, 5),
            ParameterNames.PATCH_WEIGHT);
    double[] quantiles = {0.001, 0.02275, 0.15866, 0.5, 0.84134, 0.97725, 0.999};
    double[] expected = {-3.0902, -2, -1, 0, 1, 2, 3.0902};
    Arrays.sort(values);

    for (int i = 0; i < quantiles.length; i++) {
      double density = Math.exp(-expected[i] * expected[i] / 2) / Math.sqrt(2 * Math.PI);
      double error = Math.sqrt(quantiles[i] * (1 - quantiles[i]) / values.length) / density;
      assertThat(values[(int) (quantiles[i] * values.length)] / 0.02)
          .isCloseTo(expected[i], within(5 * error));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, 2, 3, 1e6, 1e300})
  void truncatesAtTwo(double range) {
    ViTConfig config = CONFIG.toBuilder().initializerRange(range).build();
    float[] values =
        values(
            RandomWeights.create(config, Architecture.VIT_MODEL, false, 3),
            ParameterNames.POSITION_EMBEDDINGS);
    // Deviation of a normal distribution cut at a = 2 / range: 1 - 2 a phi(a) / (2 Phi(a) - 1).
    double expected =
        range == 1
            ? 0.87963
            : range == 2 ? 2 * 0.53956 : range == 3 ? 3 * 0.37609 : 2 / Math.sqrt(3);

    for (float value : values) {
      assertThat(Math.abs(value)).isLessThanOrEqualTo(2);
    }
    assertThat(deviation(values))
        .isCloseTo(expected, within(5 * expected / Math.sqrt(values.length)));
  }

  @Test
  void takesHuggingFacesDefaultForARangeOfZero() {
    ViTConfig config = CONFIG.toBuilder().initializerRange(0).build();

    assertThat(
            values(
                RandomWeights.create(config, Architecture.VIT_MODEL, true, 3),
                ParameterNames.POOLER_WEIGHT))
        .containsExactly(
            values(
                RandomWeights.create(CONFIG, Architecture.VIT_MODEL, true, 3),
                ParameterNames.POOLER_WEIGHT));
  }

  /** These must never change: somebody may rely on a seed. */
  @Test
  void givesTheSameNumbersEverywhere() {
    Map<String, Weight> weights = RandomWeights.create(CONFIG, Architecture.VIT_MODEL, true, 42);

    assertThat(Arrays.copyOf(values(weights, ParameterNames.PATCH_WEIGHT), 4))
        .containsExactly(GOLDEN_PATCH);
    assertThat(Arrays.copyOf(values(weights, ParameterNames.CLS_TOKEN), 4))
        .containsExactly(GOLDEN_CLS);
  }

  @Test
  void dependsOnSeedAndNameOnly() {
    Map<String, Weight> one = RandomWeights.create(CONFIG, Architecture.VIT_MODEL, true, 1);
    Map<String, Weight> again =
        RandomWeights.create(CONFIG, Architecture.VIT_FOR_IMAGE_CLASSIFICATION, false, 1);
    Map<String, Weight> two = RandomWeights.create(CONFIG, Architecture.VIT_MODEL, true, 2);
    String query = ParameterNames.LayerPart.QUERY.weight(0);
    String key = ParameterNames.LayerPart.KEY.weight(0);

    assertThat(values(again, query)).containsExactly(values(one, query));
    assertThat(values(two, query)[0]).isNotEqualTo(values(one, query)[0]);
    assertThat(values(one, key)[0]).isNotEqualTo(values(one, query)[0]);
  }

  @Test
  void hasThePoolerOnlyWhenAsked() {
    assertThat(RandomWeights.create(CONFIG, Architecture.VIT_MODEL, false, 1))
        .containsOnlyKeys(ParameterNames.required(CONFIG, Architecture.VIT_MODEL).keySet());
    assertThat(RandomWeights.create(CONFIG, Architecture.VIT_MODEL, true, 1))
        .containsKeys(ParameterNames.POOLER_WEIGHT, ParameterNames.POOLER_BIAS);
    assertThat(RandomWeights.create(CONFIG, Architecture.VIT_FOR_IMAGE_CLASSIFICATION, true, 1))
        .doesNotContainKey(ParameterNames.POOLER_WEIGHT);
  }

  @Test
  void refusesWhatNoMemoryHolds() {
    ViTConfig beyondMemory =
        ViTConfig.builder()
            .hiddenSize(100_000)
            .numAttentionHeads(1)
            .imageSize(1)
            .patchSize(1)
            .numChannels(1)
            .intermediateSize(2_000_000_000)
            .build();
    ViTConfig beyondAddresses =
        ViTConfig.builder().hiddenSize(2_000_000_000).numAttentionHeads(1).build();
    ViTConfig beyondNumbers =
        ViTConfig.builder()
            .hiddenSize(2_000_000_000)
            .intermediateSize(2_000_000_000)
            .numAttentionHeads(1)
            .numHiddenLayers(10_000)
            .build();

    for (ViTConfig config : List.of(beyondMemory, beyondAddresses, beyondNumbers)) {
      assertThatThrownBy(() -> RandomWeights.create(config, Architecture.VIT_MODEL, true, 1))
          .isInstanceOf(CheckpointException.class)
          .message()
          .contains("choose a smaller configuration")
          .doesNotContain("\n");
    }
  }
}
