package io.github.vit4j.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.conformance.Measurement;
import io.github.vit4j.conformance.ReferenceCase;
import io.github.vit4j.conformance.ReferenceCases;
import io.github.vit4j.conformance.ReferenceRun;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTSession;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The numbers of transformers, within the conformance kit's tolerances. */
class AgreementWithTransformersTest {
  private static double largestRatio;
  private static String largestRatioAt = "";

  @TestFactory
  Stream<DynamicNode> agrees() {
    return ReferenceCases.all().stream()
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
        .map(ReferenceCases::named)
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
        .map(ReferenceCases::named)
        .map(
            reference ->
                DynamicTest.dynamicTest(
                    reference.toString(),
                    () -> {
                      try (ViTSession session = open(reference.model())) {
                        List<ReferenceRun> runs = reference.runs();
                        for (ReferenceRun run : runs) {
                          check(reference, session, run);
                        }
                        for (ReferenceRun run : runs.reversed()) {
                          check(reference, session, run);
                        }
                      }
                    }));
  }

  @Test
  void everyActivationHasACase() {
    // 24 names, less gelu, which all other cases have, prelu and xielu, which have parameters
    assertThat(ReferenceCases.all().stream().filter(c -> c.name().startsWith("activation_")))
        .hasSize(21);
  }

  private static void check(ReferenceCase reference, ModelDefinition model, ReferenceRun run) {
    try (ViTSession session = open(model)) {
      check(reference, session, run);
    }
  }

  private static ViTSession open(ModelDefinition model) {
    return new OnnxBackendProvider()
        .open(model, new SessionOptions("cpu", Precision.FP32, 2, false));
  }

  private static void check(ReferenceCase reference, ViTSession session, ReferenceRun run) {
    for (Measurement measurement : Comparison.agrees(run, session.run(run.inputs()))) {
      double ratio = measurement.relativeError() / measurement.tolerance();
      if (ratio > largestRatio) {
        largestRatio = ratio;
        largestRatioAt = reference + "/" + run + ": " + measurement;
      }
    }
  }

  @AfterAll
  static void report() {
    System.out.printf("largest share of a tolerance %.3f, at %s%n", largestRatio, largestRatioAt);
  }
}
