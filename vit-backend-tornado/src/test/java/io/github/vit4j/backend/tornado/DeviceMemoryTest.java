package io.github.vit4j.backend.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.vit4j.conformance.ReferenceCase;
import io.github.vit4j.conformance.ReferenceCases;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.Tensor;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * A device that TornadoVM may use {@value #MEMORY} of. Skipped by name in a JVM that was not
 * started that way; the Maven profile {@code tornado-sdk} starts one.
 */
class DeviceMemoryTest {
  private static final String MEMORY = "1MB";
  private static final ReferenceCase CASE = ReferenceCases.named("classifier");

  /** Two of them need more than {@link #MEMORY}, each of them less than half of that. */
  private static final int MANY = 24;

  private static final int TOO_MANY = 400;

  private static ViTSession open(String device) {
    return new TornadoBackendProvider()
        .open(CASE.model(), new SessionOptions(device, Precision.FP32, 0, false));
  }

  private static String deviceWithLittleMemory() {
    assumeTrue(
        MEMORY.equals(System.getProperty("tornado.device.memory")),
        () -> "skipped: this JVM was not started with -Dtornado.device.memory=" + MEMORY);
    return DeviceFailuresTest.anyDevice();
  }

  private static float[] logits(ViTSession session, int images) {
    float[] values = Doubles.random(images * 3 * 8 * 8, 7, 1);
    Tensor pixels = Tensor.of(values, images, 3, 8, 8);
    return Objects.requireNonNull(
            session.run(new ViTInputs(pixels, null, false, Set.of(Output.LOGITS))).logits())
        .toFloatArray();
  }

  @Test
  void aRunThatDoesNotFitIsAnErrorThatSaysHowMuchToAllowAndTheNextOneRuns() {
    String device = deviceWithLittleMemory();
    try (ViTSession session = open(device)) {
      float[] expected = logits(session, 2);
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> logits(session, TOO_MANY))
            .isInstanceOf(BackendException.class)
            .hasMessageContainingAll(
                device, " MB of device memory", "-Dtornado.device.memory=1GB", "fewer images")
            .hasMessageNotContainingAny("\n", "\u001b", "[33m");
        assertThat(logits(session, 2)).containsExactly(expected);
      }
    }
  }

  @Test
  void runsOfManySizesShareTheMemoryAndGiveItBack() {
    String device = deviceWithLittleMemory();
    for (int round = 0; round < 2; round++) {
      try (ViTSession session = open(device)) {
        for (int images = MANY; images < MANY + 3; images++) {
          assertThat(logits(session, images)).hasSize(5 * images);
        }
      }
    }
  }

  @Test
  void sessionsBesideEachOtherShareTheMemory() {
    String device = deviceWithLittleMemory();
    try (ViTSession first = open(device);
        ViTSession second = open(device)) {
      float[] expected = logits(first, MANY);
      assertThat(logits(second, MANY)).containsExactly(expected);
      assertThat(logits(first, MANY)).containsExactly(expected);
    }
  }
}
