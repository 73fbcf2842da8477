package io.github.vit4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.throwable;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.CheckpointException;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ModelWeightsTest {
  private static final ViTConfig CONFIG = CheckpointNamesTest.CONFIG;

  /** Zeroes under the names that transformers saves. */
  private static Map<String, Tensor> saved(Architecture architecture) {
    Map<String, long[]> shapes = ParameterNames.required(CONFIG, architecture);
    if (architecture == Architecture.VIT_MODEL) {
      shapes.putAll(ParameterNames.pooler(CONFIG));
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    shapes.forEach(
        (name, shape) ->
            tensors.put(
                CheckpointNames.saved(name, architecture),
                Tensor.allocate(ElementType.FLOAT32, shape)));
    return tensors;
  }

  private static Map<String, Weight> resolve(
      Map<String, Tensor> tensors, ViTConfig config, Architecture architecture) {
    return ModelWeights.resolve(
        Checkpoint.of(tensors), config, architecture, Optional.empty(), OptionalLong.empty());
  }

  private static Map<String, Weight> resolvePooler(Map<String, Tensor> tensors, boolean pooler) {
    return ModelWeights.resolve(
        Checkpoint.of(tensors),
        CONFIG,
        Architecture.VIT_MODEL,
        Optional.of(pooler),
        OptionalLong.empty());
  }

  @ParameterizedTest
  @EnumSource
  void findsEveryParameter(Architecture architecture) {
    Map<String, Tensor> tensors = saved(architecture);
    Map<String, Weight> weights = resolve(tensors, CONFIG, architecture);

    assertThat(weights).hasSameSizeAs(tensors);
    weights.forEach(
        (canonical, weight) -> {
          String name = CheckpointNames.saved(canonical, architecture);
          assertThat(weight.name()).isEqualTo(name);
          assertThat(weight.tensor()).isSameAs(tensors.get(name));
        });
  }

  @Test
  void aBareModelComesOutOfOneWithAHead() {
    Map<String, Weight> weights =
        resolve(saved(Architecture.VIT_FOR_IMAGE_CLASSIFICATION), CONFIG, Architecture.VIT_MODEL);

    assertThat(weights)
        .containsOnlyKeys(ParameterNames.required(CONFIG, Architecture.VIT_MODEL).keySet());
  }

  @Test
  void thePoolerIsLoadedAsAsked() {
    Map<String, Tensor> with = saved(Architecture.VIT_MODEL);
    Map<String, Tensor> without = new LinkedHashMap<>(with);
    without.remove(ParameterNames.POOLER_WEIGHT);
    Map<String, Tensor> neither = new LinkedHashMap<>(without);
    neither.remove(ParameterNames.POOLER_BIAS);

    assertThat(resolve(with, CONFIG, Architecture.VIT_MODEL))
        .containsKeys(ParameterNames.POOLER_WEIGHT, ParameterNames.POOLER_BIAS);
    assertThat(resolve(neither, CONFIG, Architecture.VIT_MODEL))
        .doesNotContainKey(ParameterNames.POOLER_WEIGHT);
    assertThat(resolvePooler(with, true)).containsKey(ParameterNames.POOLER_WEIGHT);
    assertThat(resolvePooler(with, false))
        .doesNotContainKeys(ParameterNames.POOLER_WEIGHT, ParameterNames.POOLER_BIAS);
    assertThatThrownBy(() -> resolvePooler(neither, true))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("pooler.dense.weight, pooler.dense.bias");
    assertThatThrownBy(() -> resolve(without, CONFIG, Architecture.VIT_MODEL))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("lacks 1 parameters of a ViTModel: pooler.dense.weight;");
  }

  @Test
  void theMaskTokenIsLoadedWhereItHasAUse() {
    Map<String, Tensor> tensors = saved(Architecture.VIT_FOR_MASKED_IMAGE_MODELING);
    assertThat(resolve(tensors, CONFIG, Architecture.VIT_MODEL))
        .containsKey(ParameterNames.MASK_TOKEN);

    Map<String, Tensor> classifier = saved(Architecture.VIT_FOR_IMAGE_CLASSIFICATION);
    classifier.put("vit.embeddings.mask_token", Tensor.allocate(ElementType.FLOAT32, 1, 1, 4));
    assertThat(resolve(classifier, CONFIG, Architecture.VIT_FOR_IMAGE_CLASSIFICATION))
        .doesNotContainKey(ParameterNames.MASK_TOKEN);
  }

  @Test
  void namesWhatIsMissing() {
    Map<String, Tensor> tensors = saved(Architecture.VIT_MODEL);
    assertThatThrownBy(() -> resolve(tensors, CONFIG, Architecture.VIT_FOR_IMAGE_CLASSIFICATION))
        .isInstanceOf(CheckpointException.class)
        .message()
        .contains("lacks 2 parameters of a ViTForImageClassification")
        .contains(": classifier.weight, classifier.bias;")
        .contains("LoadOptions.withInitializeMissing(seed)");

    assertThatThrownBy(() -> resolve(Map.of(), CONFIG, Architecture.VIT_MODEL))
        .isInstanceOf(CheckpointException.class)
        .message()
        .contains("lacks 38 parameters")
        .contains("embeddings.cls_token")
        .contains(" and 33 more;")
        .doesNotContain("\n")
        .hasSizeLessThan(500);
  }

  /** What {@code action} logs as warnings. */
  private static List<String> warnings(Runnable action) {
    List<String> warnings = new ArrayList<>();
    Logger logger = Logger.getLogger(ModelWeights.class.getName());
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            warnings.add(new SimpleFormatter().formatMessage(record));
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
    try {
      action.run();
    } finally {
      logger.removeHandler(handler);
      logger.setUseParentHandlers(true);
    }
    return warnings;
  }

  @Test
  void warnsOfWhatIsDrawn() {
    assertThat(
            warnings(
                () ->
                    ModelWeights.resolve(
                        Checkpoint.of(saved(Architecture.VIT_MODEL)),
                        CONFIG,
                        Architecture.VIT_FOR_IMAGE_CLASSIFICATION,
                        Optional.empty(),
                        OptionalLong.of(7))))
        .containsExactly(
            "the given tensors: initialised at random for want of classifier.weight,"
                + " classifier.bias; outputs that depend on them mean nothing before training");
  }

  @Test
  void warnsOfLayersAndBiasesThatTheConfigurationLeavesOut() {
    ViTConfig config = CONFIG.toBuilder().numHiddenLayers(1).qkvBias(false).build();

    assertThat(
            warnings(() -> resolve(saved(Architecture.VIT_MODEL), config, Architecture.VIT_MODEL)))
        .singleElement()
        .asString()
        .contains("encoder.layer.0.attention.attention.query.bias", " and 14 more");
    assertThat(
            warnings(() -> resolve(saved(Architecture.VIT_MODEL), CONFIG, Architecture.VIT_MODEL)))
        .isEmpty();
  }

  @Test
  void drawsWhatIsMissingWhenAskedTo() {
    Map<String, Weight> weights =
        ModelWeights.resolve(
            Checkpoint.of(saved(Architecture.VIT_MODEL)),
            CONFIG,
            Architecture.VIT_FOR_IMAGE_CLASSIFICATION,
            Optional.empty(),
            OptionalLong.of(7));
    Map<String, Weight> random =
        RandomWeights.create(CONFIG, Architecture.VIT_FOR_IMAGE_CLASSIFICATION, false, 7);

    Tensor classifier =
        Objects.requireNonNull(weights.get(ParameterNames.CLASSIFIER_WEIGHT)).tensor();
    assertThat(classifier.toFloatArray())
        .doesNotContain(0)
        .containsExactly(
            Objects.requireNonNull(random.get(ParameterNames.CLASSIFIER_WEIGHT))
                .tensor()
                .toFloatArray());
    assertThat(
            Objects.requireNonNull(weights.get(ParameterNames.PATCH_WEIGHT))
                .tensor()
                .toFloatArray())
        .containsOnly(0);
  }

  static Stream<Arguments> disagreements() {
    return Stream.of(
        arguments(
            CONFIG.toBuilder().numLabels(3).build(),
            "'classifier.weight' has the shape [2, 4], but id2label with 3 labels asks for [3, 4]"),
        arguments(
            CONFIG.toBuilder().imageSize(16).build(),
            "'vit.embeddings.position_embeddings' has the shape [1, 5, 4], but image_size 16*16 with patch_size 4*4 (16 patches) asks for [1, 17, 4]"),
        arguments(
            CONFIG.toBuilder().hiddenSize(8).build(),
            "has the shape [1, 1, 4], but hidden_size 8 asks for [1, 1, 8]"),
        arguments(
            CONFIG.toBuilder().patchSize(2).imageSize(4).build(),
            "'vit.embeddings.patch_embeddings.projection.weight' has the shape [4, 3, 4, 4], but patch_size 2*2 asks for [4, 3, 2, 2]"),
        arguments(
            CONFIG.toBuilder().numChannels(1).build(), "but num_channels 1 asks for [4, 1, 4, 4]"),
        arguments(
            CONFIG.toBuilder().intermediateSize(5).build(),
            "'vit.encoder.layer.0.intermediate.dense.weight' has the shape [6, 4], but intermediate_size 5 asks for [5, 4]"));
  }

  @ParameterizedTest
  @MethodSource
  void disagreements(ViTConfig config, String message) {
    assertThatThrownBy(
            () ->
                resolve(
                    saved(Architecture.VIT_FOR_IMAGE_CLASSIFICATION),
                    config,
                    Architecture.VIT_FOR_IMAGE_CLASSIFICATION))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(message);
  }

  @Test
  void saysWhatDisagreesWithTheHeads() {
    assertThatThrownBy(
            () ->
                resolve(
                    saved(Architecture.VIT_FOR_MASKED_IMAGE_MODELING),
                    CONFIG.toBuilder().encoderStride(2).build(),
                    Architecture.VIT_FOR_MASKED_IMAGE_MODELING))
        .hasMessageContaining("encoder_stride 2 with num_channels 3 asks for [12, 4, 1, 1]");
    assertThatThrownBy(
            () ->
                resolve(
                    saved(Architecture.VIT_MODEL),
                    CONFIG.toBuilder().poolerOutputSize(3).build(),
                    Architecture.VIT_MODEL))
        .hasMessageContaining("pooler_output_size 3 asks for [3, 4]");
  }

  @Test
  void refusesNumbersThatAreNotFloatingPoint() {
    Map<String, Tensor> tensors = saved(Architecture.VIT_MODEL);
    tensors.put("layernorm.weight", Tensor.of(new long[] {1, 1, 1, 1}, 4));

    assertThatThrownBy(() -> resolve(tensors, CONFIG, Architecture.VIT_MODEL))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("'layernorm.weight' has the element type int64");
  }

  @Test
  void refusesOneParameterUnderTwoNames() {
    Map<String, Tensor> tensors = saved(Architecture.VIT_MODEL);
    tensors.put("vit.layernorm.gamma", Tensor.allocate(ElementType.FLOAT32, 4));

    assertThatThrownBy(() -> resolve(tensors, CONFIG, Architecture.VIT_MODEL))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("'layernorm.weight' and 'vit.layernorm.gamma', which are the same");
  }

  @Test
  void refusesDistilledDeiT() {
    Map<String, Tensor> tensors = saved(Architecture.VIT_MODEL);
    tensors.put("deit.embeddings.distillation_token", Tensor.scalar(0));

    assertThatThrownBy(() -> resolve(tensors, CONFIG, Architecture.VIT_MODEL))
        .asInstanceOf(throwable(CheckpointException.class))
        .hasMessageContaining("is a distilled DeiT");
  }

  @Test
  void leavesOtherTensorsOut() {
    Map<String, Tensor> tensors = saved(Architecture.VIT_MODEL);
    tensors.put("optimizer.step", Tensor.of(new long[] {1}, 1));

    assertThat(resolve(tensors, CONFIG, Architecture.VIT_MODEL))
        .doesNotContainKey("optimizer.step");
  }
}
