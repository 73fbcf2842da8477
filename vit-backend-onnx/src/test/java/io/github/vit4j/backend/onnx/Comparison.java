package io.github.vit4j.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.conformance.ExpectedTensor;
import io.github.vit4j.conformance.Measurement;
import io.github.vit4j.conformance.ReferenceRun;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Compares what a session gives with what transformers gives, in float32. */
final class Comparison {
  private Comparison() {}

  /** The tensors by the names of {@link ExpectedTensor}. */
  static Map<String, Tensor> byName(ViTOutputs outputs) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    put(tensors, "logits", outputs.logits());
    put(tensors, "last_hidden_state", outputs.lastHiddenState());
    put(tensors, "pooler_output", outputs.poolerOutput());
    put(tensors, "reconstruction", outputs.reconstruction());
    for (int i = 0; i < outputs.hiddenStates().size(); i++) {
      put(tensors, "hidden_states." + i, outputs.hiddenStates().get(i));
    }
    for (int i = 0; i < outputs.attentions().size(); i++) {
      put(tensors, "attentions." + i, outputs.attentions().get(i));
    }
    return tensors;
  }

  private static void put(Map<String, Tensor> tensors, String name, @Nullable Tensor tensor) {
    if (tensor != null) {
      tensors.put(name, tensor);
    }
  }

  /** The expected tensor of that name. */
  static ExpectedTensor expected(ReferenceRun run, String name) {
    return run.expected().stream().filter(e -> e.name().equals(name)).findFirst().orElseThrow();
  }

  /** Asserts that the outputs asked for are there, no others, and all as they should be. */
  static List<Measurement> agrees(ReferenceRun run, ViTOutputs outputs) {
    Map<String, Tensor> actual = byName(outputs);
    Set<String> names = new LinkedHashSet<>();
    List<Measurement> measurements = new ArrayList<>();
    for (ExpectedTensor expected : run.expected()) {
      if (!expected.name().equals("loss")) { // which the model classes compute
        names.add(expected.name());
        assertThat(actual).containsKey(expected.name());
        measurements.add(agrees(expected, Objects.requireNonNull(actual.get(expected.name()))));
      }
    }
    assertThat(actual.keySet()).isEqualTo(names);
    return measurements;
  }

  /** Asserts that a tensor is within the tolerance. */
  static Measurement agrees(ExpectedTensor expected, Tensor actual) {
    Measurement measurement = expected.compare(actual, Precision.FP32).orElseThrow();
    assertThat(measurement.relativeError())
        .as("%s: %s", expected, expected.difference(actual))
        .isLessThanOrEqualTo(measurement.tolerance());
    return measurement;
  }
}
