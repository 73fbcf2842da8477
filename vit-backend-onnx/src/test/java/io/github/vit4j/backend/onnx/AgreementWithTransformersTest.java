package io.github.vit4j.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The numbers of {@code make_cases.py}, at 1e-4 of each tensor's largest magnitude. */
class AgreementWithTransformersTest {
  private static final double TOLERANCE = 1e-4;

  private static double largestError;
  private static String largestErrorAt = "";

  @TestFactory
  Stream<DynamicNode> agrees() {
    return ReferenceCase.all().stream()
        .map(
            reference ->
                DynamicContainer.dynamicContainer(
                    reference.toString(),
                    reference.runs().stream()
                        .map(
                            run ->
                                DynamicTest.dynamicTest(
                                    run.name(), () -> check(reference, reference.model(), run)))));
  }

  @TestFactory
  Stream<DynamicNode> agreesWithWeightsInMemory() {
    return Stream.of("classifier", "masked", "model_with_pooler")
        .map(ReferenceCase::of)
        .flatMap(
            reference ->
                reference.runs().stream()
                    .map(
                        run ->
                            DynamicTest.dynamicTest(
                                reference + "/" + run.name(),
                                () -> check(reference, reference.modelInMemory(), run))));
  }

  /** One session for all runs: the graphs of one must not disturb another. */
  @TestFactory
  Stream<DynamicNode> agreesInOneSession() {
    return Stream.of(
            "classifier", "masked", "model_with_pooler", "model_with_mask_token", "float16")
        .map(ReferenceCase::of)
        .map(
            reference ->
                DynamicTest.dynamicTest(
                    reference.toString(),
                    () -> {
                      try (ViTSession session = open(reference.model())) {
                        List<ReferenceCase.Run> runs = reference.runs();
                        for (ReferenceCase.Run run : runs) {
                          check(reference, session, run);
                        }
                        for (ReferenceCase.Run run : runs.reversed()) {
                          check(reference, session, run);
                        }
                      }
                    }));
  }

  @Test
  void everyActivationHasACase() {
    // 24 names, less gelu, which all other cases have, prelu and xielu, which have parameters
    assertThat(ReferenceCase.all().stream().filter(c -> c.toString().startsWith("activation_")))
        .hasSize(21);
  }

  private static void check(ReferenceCase reference, ModelDefinition model, ReferenceCase.Run run) {
    try (ViTSession session = open(model)) {
      check(reference, session, run);
    }
  }

  private static ViTSession open(ModelDefinition model) {
    return new OnnxBackendProvider()
        .open(model, new SessionOptions("cpu", Precision.FP32, 2, false));
  }

  private static void check(ReferenceCase reference, ViTSession session, ReferenceCase.Run run) {
    Map<String, Tensor> actual = ReferenceCase.Run.byName(session.run(run.inputs()));
    assertThat(actual.keySet()).isEqualTo(run.expected().keySet());
    run.expected()
        .forEach(
            (name, expected) -> {
              Tensor tensor = Objects.requireNonNull(actual.get(name));
              assertThat(tensor.shape()).as(name).isEqualTo(expected.shape());
              double error = ReferenceCase.relativeError(tensor, expected);
              if (error > largestError) {
                largestError = error;
                largestErrorAt = reference + "/" + run + "/" + name;
              }
              assertThat(error).as(name).isLessThanOrEqualTo(TOLERANCE);
            });
  }

  @AfterAll
  static void report() {
    System.out.printf(
        "largest error %.2e of the largest magnitude, at %s%n", largestError, largestErrorAt);
  }
}
