package io.github.vit4j.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.error.ConfigException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

class TimmConfigTest {
  private static ObjectNode json(String text) {
    try {
      return Json.readObject(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "vit_tiny_patch16_384, 192, 12, 3, 768, 16, 384",
    "vit_small_patch8_224, 384, 12, 6, 1536, 8, 224",
    "vit_base_patch16_224.augreg_in21k, 768, 12, 12, 3072, 16, 224",
    "vit_base_patch16_224_in21k, 768, 12, 12, 3072, 16, 224",
    "deit_base_patch16_384, 768, 12, 12, 3072, 16, 384",
    "vit_large_patch14_224, 1024, 24, 16, 4096, 14, 224",
    "vit_huge_patch14_224, 1280, 32, 16, 5120, 14, 224",
    "vit_giant_patch14_224, 1408, 40, 16, 6144, 14, 224",
    "vit_gigantic_patch14_224, 1664, 48, 16, 8192, 14, 224"
  })
  void namesStandForSizes(
      String name, int hidden, int layers, int heads, int intermediate, int patch, int image) {
    ViTConfig config = ViTConfig.fromJson(json("{'architecture': '" + name + "'}"));

    assertThat(config.hiddenSize()).isEqualTo(hidden);
    assertThat(config.numHiddenLayers()).isEqualTo(layers);
    assertThat(config.numAttentionHeads()).isEqualTo(heads);
    assertThat(config.intermediateSize()).isEqualTo(intermediate);
    assertThat(config.patchSize()).isEqualTo(ImageSize.square(patch));
    assertThat(config.imageSize()).isEqualTo(ImageSize.square(image));
    assertThat(config.layerNormEps()).isEqualTo(1e-6);
    assertThat(config.numLabels()).isEqualTo(1000);
    assertThat(config.qkvBias()).isTrue();
  }

  @Test
  void whatTheFileSaysComesFirst() {
    ViTConfig config =
        ViTConfig.fromJson(
            json(
                """
                {'architecture': 'vit_base_patch16_224', 'num_classes': 2, 'global_pool': 'token',
                 'label_names': {'0': 'cat', '1': 'dog'}, 'torch_dtype': 'float16',
                 'model_args': {'depth': 3, 'qkv_bias': false, 'init_values': null,
                                'reg_tokens': 0, 'drop_path_rate': 0.1, 'class_token': true},
                 'pretrained_cfg': {'input_size': [1, 64, 32], 'num_classes': 1000}}
                """));

    assertThat(config.numHiddenLayers()).isEqualTo(3);
    assertThat(config.qkvBias()).isFalse();
    assertThat(config.numChannels()).isEqualTo(1);
    assertThat(config.imageSize()).isEqualTo(new ImageSize(64, 32));
    assertThat(config.id2label()).containsEntry(0, "cat").containsEntry(1, "dog").hasSize(2);
    assertThat(config.label2id()).containsEntry("dog", 1);
    assertThat(config.dtype()).isEqualTo("float16");
  }

  @Test
  void aModelWithoutClassifierHasNoLabels() {
    ViTConfig config =
        ViTConfig.fromJson(json("{'architecture': 'vit_small_patch16_224', 'num_classes': 0}"));

    assertThat(config.numLabels()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {'architecture': 'resnet50'}                                                   | expected one of timm's plain Vision Transformers
          {'architecture': 'vit_base_patch16_clip_224'}                                  | expected one of timm's plain Vision Transformers
          {'architecture': 'vit_medium_patch16_224'}                                     | expected one of timm's plain Vision Transformers
          {'architecture': 'deit3_base_patch16_224'}                                     | expected one of timm's plain Vision Transformers
          {'architecture': 'deit_base_distilled_patch16_224'}                            | a distilled DeiT (timm's VisionTransformerDistilled)
          {'architecture': 'vit_base_patch16_224', 'global_pool': 'avg'}                 | global_pool is "avg", expected "token"
          {'architecture': 'vit_base_patch16_224', 'model_args': {'global_pool': 'map'}} | global_pool is "map", expected "token"
          {'architecture': 'vit_base_patch16_224', 'model_args': {'init_values': 1e-5}}  | model_args has init_values
          {'architecture': 'vit_base_patch16_224', 'model_args': {'reg_tokens': 4}}      | model_args has reg_tokens
          {'architecture': 'vit_base_patch16_224', 'model_args': {'class_token': false}} | model_args has class_token
          {'architecture': 'vit_base_patch16_224', 'model_args': {'act_layer': 'relu'}}  | model_args has act_layer
          {'architecture': 'vit_base_patch16_224', 'model_args': {'depth': 'x'}}         | depth must be an integer
          {'architecture': 'vit_base_patch16_224', 'model_args': {'mlp_ratio': 1e300}}   | mlp_ratio must be a number from 0 to 1000
          {'architecture': 'vit_base_patch16_224', 'pretrained_cfg': {'input_size': 3}}  | input_size must be [channels, height, width]
          """)
  void othersAreRefusedByWhatTheyAre(String text, String expected) {
    assertThatThrownBy(() -> ViTConfig.fromJson(json(text)))
        .isInstanceOf(ConfigException.class)
        .message()
        .contains(expected)
        .doesNotContain("\n");
  }

  @Test
  void imagesArePreparedAsForEvaluation() {
    ObjectNode processor =
        TimmConfig.preprocessorConfig(
                json(
                    """
                    {'architecture': 'resnet50', 'pretrained_cfg': {'input_size': [3, 224, 224],
                     'crop_pct': 0.9, 'interpolation': 'lanczos', 'mean': [0.1, 0.2, 0.3]}}
                    """))
            .orElseThrow();

    assertThat(processor.get("image_processor_type").stringValue())
        .isEqualTo("TimmWrapperImageProcessor");
    assertThat(processor.at("/size/shortest_edge").intValue()).isEqualTo(248);
    assertThat(processor.at("/crop_size/width").intValue()).isEqualTo(224);
    assertThat(processor.get("resample").intValue()).isEqualTo(1);
    assertThat(processor.at("/image_mean/2").doubleValue()).isEqualTo(0.3);
    assertThat(processor.at("/image_std/0").doubleValue()).isEqualTo(0.229);
    assertThat(TimmConfig.preprocessorConfig(json("{'model_type': 'vit'}"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {'crop_pct': 0}                   | crop_pct must be a number from 0 to 4
          {'crop_pct': 'x'}                 | crop_pct must be a number
          {'crop_mode': 'border'}           | crop_mode must be "center" or "squash"
          {'interpolation': 'random'}       | interpolation is "random", expected one of
          {'input_size': [3, 224, 192]}     | expected a square
          {'input_size': [3, 0, 0]}         | input_size must be integers of at least 1
          {'input_size': [3, 'x', 224]}     | input_size must be integers of at least 1
          """)
  void otherPreparationsAreRefused(String settings, String expected) {
    ObjectNode json =
        json("{'architecture': 'vit_base_patch16_224', 'pretrained_cfg': " + settings + "}");

    assertThatThrownBy(() -> TimmConfig.preprocessorConfig(json))
        .isInstanceOf(ConfigException.class)
        .message()
        .contains(expected)
        .doesNotContain("\n");
  }
}
