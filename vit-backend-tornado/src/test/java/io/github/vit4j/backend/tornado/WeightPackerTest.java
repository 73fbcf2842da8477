package io.github.vit4j.backend.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.backend.tornado.kernels.Layout;
import io.github.vit4j.conformance.ReferenceCases;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.weights.ParameterNames;
import io.github.vit4j.weights.ParameterNames.LayerPart;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightPackerTest {
  private static float[] values(ModelDefinition model, String name) {
    return Objects.requireNonNull(model.weight(name), name).tensor().toFloatArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"classifier", "odd_sizes", "float64_classifier"})
  void aLayerIsCutIntoPanels(String name) {
    ModelDefinition model = ReferenceCases.named(name).model();
    int inputs = model.config().hiddenSize();
    int outputs = model.config().intermediateSize();
    LinearWeights packed = WeightPacker.pack(model).layers().getFirst().intermediate();
    float[] weight = values(model, LayerPart.INTERMEDIATE.weight(0));
    assertThat(packed.panels()).isEqualTo(Doubles.panels(weight, outputs, inputs));
    assertThat(packed.bias())
        .isEqualTo(Doubles.padded(values(model, LayerPart.INTERMEDIATE.bias(0))));
    assertThat(packed.inputs()).isEqualTo(inputs);
  }

  @Test
  void queriesKeysAndValuesEachBeginWithAPanel() {
    ModelDefinition model = ReferenceCases.named("odd_sizes").model();
    int hidden = model.config().hiddenSize();
    LinearWeights packed = WeightPacker.pack(model).layers().getFirst().queryKeyValue();
    int length = Layout.stride(hidden) * hidden;
    assertThat(packed.panels()).hasSize(3 * length);
    float[] values = values(model, LayerPart.VALUE.weight(0));
    assertThat(Arrays.copyOfRange(packed.panels(), 2 * length, 3 * length))
        .isEqualTo(Doubles.panels(values, hidden, hidden));
  }

  @Test
  void whatAModelLacksIsZeroOrNull() {
    ModelDefinition model = ReferenceCases.named("no_qkv_bias_masked").model();
    PackedWeights packed = WeightPacker.pack(model);
    assertThat(packed.layers().getFirst().queryKeyValue().bias()).containsOnly(0);
    assertThat(packed.maskToken()).isEqualTo(values(model, ParameterNames.MASK_TOKEN));
    assertThat(WeightPacker.pack(ReferenceCases.named("classifier").model()).maskToken()).isNull();
  }
}
