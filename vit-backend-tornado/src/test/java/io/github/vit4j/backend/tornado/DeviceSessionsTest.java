package io.github.vit4j.backend.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.conformance.ReferenceCase;
import io.github.vit4j.conformance.ReferenceCases;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What sessions on a device of TornadoVM leave behind. Skipped by name where there is no device.
 */
class DeviceSessionsTest {
  private static final ReferenceCase CASE = ReferenceCases.named("classifier");
  private static final int WARM_UP = 3;
  private static final int SESSIONS = 10;

  /** A quarter of what TornadoVM keeps of so many where a kernel has a switch. */
  private static final long LIMIT = 40L << 20;

  private static void openRunClose(String device) {
    float[] values = Doubles.random(3 * 8 * 8, 7, 1);
    Tensor pixels = Tensor.of(values, 1, 3, 8, 8);
    try (ViTSession session =
        new TornadoBackendProvider()
            .open(CASE.model(), new SessionOptions(device, Precision.FP32, 0, false))) {
      assertThat(session.run(new ViTInputs(pixels, null, false, Set.of(Output.LOGITS))).logits())
          .isNotNull();
    }
  }

  /** Of the heap, in bytes, after what can be collected was. */
  private static long used() {
    System.gc();
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  @Test
  void closedSessionsLeaveNothingOnTheHeap() {
    String device = DeviceFailuresTest.anyDevice();
    for (int i = 0; i < WARM_UP; i++) {
      openRunClose(device);
    }
    long before = used();
    for (int i = 0; i < SESSIONS; i++) {
      openRunClose(device);
    }
    assertThat(used() - before).isLessThan(LIMIT);
  }
}
