package io.github.vit4j.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.conformance.ExpectedTensor;
import io.github.vit4j.conformance.NamedOutputs;
import io.github.vit4j.conformance.ReferenceRun;
import io.github.vit4j.conformance.ViTAssertions;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.tensor.Tensor;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Compares what a session gives with what transformers gives, in float32. */
final class Comparison {
  private Comparison() {}

  /** The expected tensor of that name. */
  static ExpectedTensor expected(ReferenceRun run, String name) {
    return run.expected().stream().filter(e -> e.name().equals(name)).findFirst().orElseThrow();
  }

  /** Asserts that the outputs asked for are there, no others, and all as they should be. */
  static void agrees(ReferenceRun run, ViTOutputs outputs) {
    Map<String, Tensor> actual = NamedOutputs.of(outputs);
    Set<String> names = new LinkedHashSet<>();
    for (ExpectedTensor expected : run.expected()) {
      if (!expected.name().equals("loss")) { // which the model classes compute
        names.add(expected.name());
        assertThat(actual).containsKey(expected.name());
        agrees(expected, Objects.requireNonNull(actual.get(expected.name())));
      }
    }
    assertThat(actual.keySet()).isEqualTo(names);
  }

  /** Asserts that a tensor is within the tolerance. */
  static void agrees(ExpectedTensor expected, Tensor actual) {
    ViTAssertions.assertThat(actual).agreesWith(expected, Precision.FP32);
  }
}
