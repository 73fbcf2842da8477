package io.github.vit4j.conformance.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.conformance.ExpectedTensor;
import io.github.vit4j.conformance.ReferenceCase;
import io.github.vit4j.conformance.ReferenceCases;
import io.github.vit4j.conformance.ReferenceRun;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.Tensor;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Loses no more than PyTorch does, where other backends may lose several times as much. It could
 * lose less, but transformers computes the softmax in float32 even in a float64 model.
 */
class AgreementWithTransformersTest {
  /** Of the largest magnitude; the rest is what float64 loses. */
  private static final double ROUNDED_ONCE = 0x1p-24 * (1 + 1e-6);

  @TestFactory
  Stream<DynamicTest> agrees() {
    return ReferenceCases.all().stream()
        .map(reference -> DynamicTest.dynamicTest(reference.name(), () -> check(reference)));
  }

  private static void check(ReferenceCase reference) {
    try (ViTSession session =
        new ReferenceBackendProvider()
            .open(reference.model(), new SessionOptions("cpu", Precision.FP32, 1, false))) {
      for (ReferenceRun run : reference.runs()) {
        ViTOutputs outputs = session.run(run.inputs());
        for (ExpectedTensor expected : run.expected()) {
          if (!expected.name().equals("loss")) {
            assertThat(expected.difference(tensor(outputs, expected.name())).relativeError())
                .as("%s: %s", run, expected)
                .isLessThanOrEqualTo(Math.max(loss(expected), ROUNDED_ONCE));
          }
        }
      }
    }
  }

  private static double loss(ExpectedTensor expected) {
    return Objects.requireNonNull(expected.pytorchLoss().get(Precision.FP32));
  }

  private static Tensor tensor(ViTOutputs outputs, String name) {
    String[] parts = name.split("\\.", -1);
    return switch (Output.valueOf(parts[0].toUpperCase(Locale.ROOT))) {
      case LOGITS -> Objects.requireNonNull(outputs.logits());
      case LAST_HIDDEN_STATE -> Objects.requireNonNull(outputs.lastHiddenState());
      case POOLER_OUTPUT -> Objects.requireNonNull(outputs.poolerOutput());
      case RECONSTRUCTION -> Objects.requireNonNull(outputs.reconstruction());
      case HIDDEN_STATES -> of(outputs.hiddenStates(), parts[1]);
      case ATTENTIONS -> of(outputs.attentions(), parts[1]);
    };
  }

  private static Tensor of(List<Tensor> tensors, String index) {
    return tensors.get(Integer.parseInt(index));
  }
}
