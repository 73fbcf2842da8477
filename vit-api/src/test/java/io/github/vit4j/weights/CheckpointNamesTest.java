package io.github.vit4j.weights;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ViTConfig;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Against the names that transformers gives the parameters of a small model. */
class CheckpointNamesTest {
  /** The configuration of {@code src/test/reference/checkpoints.py}. */
  static final ViTConfig CONFIG =
      ViTConfig.builder()
          .hiddenSize(4)
          .numHiddenLayers(2)
          .numAttentionHeads(2)
          .intermediateSize(6)
          .imageSize(8)
          .patchSize(4)
          .encoderStride(4)
          .build();

  private static Map<String, long[]> expected(Architecture architecture) {
    Map<String, long[]> shapes = ParameterNames.required(CONFIG, architecture);
    if (architecture == Architecture.VIT_MODEL) {
      shapes.putAll(ParameterNames.pooler(CONFIG));
      shapes.putAll(ParameterNames.maskToken(CONFIG));
    }
    return shapes;
  }

  private static Map<String, List<Long>> shapes(Architecture architecture, String where) {
    JsonNode names = Resources.json("names.json").get(architecture.toString()).get(where);
    return names.properties().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                entry -> {
                  List<Long> shape = new ArrayList<>();
                  entry.getValue().forEach(size -> shape.add(size.longValue()));
                  return shape;
                }));
  }

  private static void assertCanonical(
      Map<String, List<Long>> python, Architecture architecture, String prefix) {
    Map<String, long[]> expected = expected(architecture);
    Set<String> found = new HashSet<>();
    python.forEach(
        (name, shape) -> {
          String canonical = CheckpointNames.canonical(prefix + name);
          assertThat(expected).containsKey(canonical);
          assertThat(expected.get(canonical)).as(name).containsExactly(shape.toArray(Long[]::new));
          assertThat(found.add(canonical)).as(name).isTrue();
        });
    assertThat(found).isEqualTo(expected.keySet());
  }

  @ParameterizedTest
  @EnumSource
  void readsTheNamesOnDisk(Architecture architecture) {
    assertCanonical(shapes(architecture, "saved"), architecture, "");
  }

  @ParameterizedTest
  @EnumSource
  void readsTheNamesInMemory(Architecture architecture) {
    assertCanonical(shapes(architecture, "memory"), architecture, "");
  }

  @ParameterizedTest
  @ValueSource(strings = {"saved", "memory"})
  void readsTheBareModelsNamesWithAPrefix(String where) {
    assertCanonical(shapes(Architecture.VIT_MODEL, where), Architecture.VIT_MODEL, "vit.");
  }

  @ParameterizedTest
  @EnumSource
  void savesUnderPythonsNames(Architecture architecture) {
    Set<String> saved =
        expected(architecture).keySet().stream()
            .map(name -> CheckpointNames.saved(name, architecture))
            .collect(Collectors.toSet());

    assertThat(saved).isEqualTo(shapes(architecture, "saved").keySet());
  }

  @ParameterizedTest
  @CsvSource({
    "vit.encoder.layer.11.layernorm_before.gamma, encoder.layer.11.layernorm_before.weight",
    "layers.3.layernorm_after.beta, encoder.layer.3.layernorm_after.bias",
    "layernorm.gamma, layernorm.weight",
    "vit.layernorm.beta, layernorm.bias"
  })
  void readsTheOldNamesOfLayerNorm(String old, String canonical) {
    assertThat(CheckpointNames.canonical(old)).isEqualTo(canonical);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "vit.",
        "head.weight",
        "vit.classifier.weight",
        "vit.vit.layernorm.weight",
        "vit.unknown",
        "classifier.gamma",
        "encoder.layer.0.output.dense.gamma",
        "encoder.layer.00.output.dense.weight",
        "encoder.layer.-1.output.dense.weight",
        "encoder.layer.99999999999999999999.output.dense.weight",
        "encoder.layer.0.mlp.fc1.weight",
        "layers.0.output.dense.weight",
        "layers.0.attention.attention.query.weight",
        "blocks.0.attn.qkv.weight",
        "embeddings.cls_token.weight"
      })
  void leavesOtherNamesAsTheyAre(String name) {
    assertThat(CheckpointNames.canonical(name)).isEqualTo(name);
  }

  @Test
  void canonicalNamesAreTheirOwn() {
    for (Architecture architecture : Architecture.values()) {
      for (String name : expected(architecture).keySet()) {
        assertThat(CheckpointNames.canonical(name)).isEqualTo(name);
      }
    }
  }
}
