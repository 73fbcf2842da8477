package io.github.vit4j.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.github.vit4j.error.ConfigException;
import io.github.vit4j.error.ModelNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ViTConfigTest {
  @TempDir Path directory = Path.of("");

  /** One case of {@code src/test/reference/configs.py}. */
  record Case(String name, String json, String printed) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Case> cases() throws IOException {
    try (InputStream in = ViTConfigTest.class.getResourceAsStream("configs.json")) {
      List<Case> cases = new ArrayList<>();
      for (JsonNode node : new JsonMapper().readTree(Objects.requireNonNull(in))) {
        cases.add(
            new Case(
                node.get("name").stringValue(),
                node.get("json").stringValue(),
                node.get("printed").stringValue()));
      }
      assertThat(cases).hasSizeGreaterThanOrEqualTo(15);
      return cases;
    }
  }

  private static ViTConfig parse(String json) throws IOException {
    return ViTConfig.fromJson(Json.readObject(json.getBytes(StandardCharsets.UTF_8)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void printsWhatPythonPrints(Case expected) throws IOException {
    assertThat(parse(expected.json())).hasToString(expected.printed());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void survivesAWriteAndARead(Case original) throws IOException {
    ViTConfig config = parse(original.json());

    assertThat(parse(config.toJsonString()).toJsonString()).isEqualTo(config.toJsonString());
    assertThat(config.toBuilder().build()).isEqualTo(config);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void survivesJacksonsMapper(Case original) throws IOException {
    ViTConfig config = parse(original.json());
    JsonMapper mapper = new JsonMapper();

    assertThat(mapper.readValue(mapper.writeValueAsString(config), ViTConfig.class).toJsonString())
        .isEqualTo(config.toJsonString());
  }

  @Test
  void startsFromHuggingFacesDefaults() throws IOException {
    assertThat(ViTConfig.builder().build()).isEqualTo(parse("{}"));
  }

  @Test
  void keepsUnknownFields() throws IOException {
    ViTConfig config = parse("{\"model_type\": \"vit\", \"zebra\": {\"b\": [1, null]}}");

    assertThat(config.additionalFields()).containsOnlyKeys("zebra");
    assertThat(config.toJson().get("zebra")).hasToString("{\"b\":[1,null]}");
  }

  @Test
  void readsLabels() throws IOException {
    ViTConfig config = parse("{\"id2label\": {\"1\": \"dog\", \"0\": \"cat\"}}");

    assertThat(config.numLabels()).isEqualTo(2);
    assertThat(config.label(1)).isEqualTo("dog");
    assertThat(config.label(7)).isEqualTo("LABEL_7");
    assertThat(config.label2id()).containsEntry("dog", 1).containsEntry("cat", 0);
  }

  /** Some checkpoints on the hub have the indices as text; Python keeps them so. */
  @Test
  void readsLabelIndicesThatAreText() throws IOException {
    ViTConfig config = parse("{\"id2label\": {\"0\": \"cat\"}, \"label2id\": {\"cat\": \"0\"}}");

    assertThat(config.label2id()).containsExactly(entry("cat", 0));
  }

  @Test
  void derivesSizes() {
    ViTConfig config =
        ViTConfig.builder()
            .imageSize(new ImageSize(64, 100))
            .patchSize(new ImageSize(16, 8))
            .build();

    assertThat(config.headSize()).isEqualTo(64);
    assertThat(config.patchRows()).isEqualTo(4);
    assertThat(config.patchColumns()).isEqualTo(12);
    assertThat(config.numPatches()).isEqualTo(48);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"hidden_size\": \"768\"}",
        "{\"hidden_size\": 768.5}",
        "{\"hidden_size\": 99999999999}",
        "{\"hidden_size\": true}",
        "{\"hidden_size\": [768]}",
        "{\"hidden_size\": 0}",
        "{\"hidden_size\": -768}",
        "{\"num_attention_heads\": 7}",
        "{\"num_attention_heads\": 0}",
        "{\"num_hidden_layers\": -1}",
        "{\"num_hidden_layers\": 1000000000}",
        "{\"intermediate_size\": 0}",
        "{\"image_size\": 0}",
        "{\"image_size\": [224]}",
        "{\"image_size\": [224, 224, 3]}",
        "{\"image_size\": [224, -1]}",
        "{\"image_size\": \"224\"}",
        "{\"image_size\": {\"height\": 224}}",
        "{\"image_size\": 8}",
        "{\"image_size\": 65536, \"patch_size\": 1}",
        "{\"patch_size\": 0}",
        "{\"patch_size\": 300}",
        "{\"num_channels\": 0}",
        "{\"encoder_stride\": 0}",
        "{\"pooler_output_size\": 0}",
        "{\"layer_norm_eps\": -1e-6}",
        "{\"layer_norm_eps\": 1e999}",
        "{\"layer_norm_eps\": \"tiny\"}",
        "{\"initializer_range\": -1}",
        "{\"hidden_act\": \"swiglu\"}",
        "{\"hidden_act\": 3}",
        "{\"pooler_act\": \"none\"}",
        "{\"qkv_bias\": \"yes\"}",
        "{\"qkv_bias\": 1}",
        "{\"problem_type\": \"guessing\"}",
        "{\"num_labels\": -1}",
        "{\"num_labels\": 2000000000}",
        "{\"id2label\": [\"cat\"]}",
        "{\"id2label\": {\"x\": \"cat\"}}",
        "{\"id2label\": {\"-1\": \"cat\"}}",
        "{\"id2label\": {\"5\": \"cat\"}}",
        "{\"label2id\": {\"cat\": 1.5}}",
        "{\"label2id\": {\"cat\": null}}",
        "{\"model_type\": 1}",
        "{\"model_type\": \"vit\\nline\"}"
      })
  void saysInOneLineWhatIsWrong(String json) {
    assertThatThrownBy(() -> parse(json))
        .isInstanceOf(ConfigException.class)
        .message()
        .isNotBlank()
        .doesNotContain("\n")
        .hasSizeLessThan(600);
  }

  @ParameterizedTest
  @CsvSource({"swin", "bert", "vit_mae", "dinov2", "VIT"})
  void refusesOtherModels(String type) {
    assertThatThrownBy(() -> parse("{\"model_type\": \"" + type + "\"}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(type)
        .hasMessageContaining("vit");
  }

  @Test
  void readsADirectoryOrAFile() throws IOException {
    Path file = directory.resolve(ViTConfig.FILE_NAME);
    Files.writeString(file, "{\"model_type\": \"vit\", \"hidden_size\": 96}");

    assertThat(ViTConfig.fromPretrained(directory).hiddenSize()).isEqualTo(96);
    assertThat(ViTConfig.fromPretrained(file).hiddenSize()).isEqualTo(96);
  }

  @Test
  void namesTheFileThatIsWrongOrMissing() throws IOException {
    assertThatThrownBy(() -> ViTConfig.fromPretrained(directory))
        .isInstanceOf(ModelNotFoundException.class)
        .hasMessageContaining(directory.toString());

    Path file = directory.resolve(ViTConfig.FILE_NAME);
    Files.writeString(file, "{\"hidden_size\": 0}");
    assertThatThrownBy(() -> ViTConfig.fromPretrained(directory))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("hidden_size must be at least 1, got 0");

    Files.writeString(file, "not json");
    assertThatThrownBy(() -> ViTConfig.fromPretrained(directory))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(file.toString());
  }
}
