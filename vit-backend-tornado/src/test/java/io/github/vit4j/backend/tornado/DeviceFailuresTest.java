package io.github.vit4j.backend.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.vit4j.error.BackendException;
import io.github.vit4j.spi.Device;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What goes wrong on a device of TornadoVM; skipped by name where there is none. */
class DeviceFailuresTest {
  static String anyDevice() {
    List<Device> devices =
        Stream.concat(TornadoRuntime.accelerators().stream(), TornadoRuntime.processors().stream())
            .toList();
    assumeTrue(!devices.isEmpty(), () -> "skipped: " + TornadoRuntime.absence());
    return devices.getFirst().name();
  }

  static String cudaDevice() {
    String device = anyDevice();
    assumeTrue(TornadoDevices.isCuda(device), () -> "skipped: " + device + " is not one of CUDA");
    return device;
  }

  @Test
  void aKernelThatDoesNotCompileIsAnErrorAndNeverRunsInJava() {
    String device = anyDevice();
    assertThatThrownBy(() -> BrokenKernel.run(device))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("TornadoVM failed to")
        .hasMessageContaining(device)
        .hasMessageNotContainingAny("\n", "\u001b", "[31m");
    assertThat(BrokenKernel.ranInJava()).isFalse();
  }

  @Test
  void tooLittleDeviceMemoryIsAnErrorThatSaysHowMuchToAllow() {
    String device = anyDevice();
    assertThatThrownBy(() -> BrokenKernel.runTooLarge(device))
        .isInstanceOf(DeviceMemoryException.class)
        .cause()
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("-Dtornado.device.memory=")
        .hasMessageNotContaining("\n");
  }

  @Test
  void whatOnlyCudaHasIsRefusedElsewhere() {
    String device = anyDevice();
    assumeTrue(!TornadoDevices.isCuda(device), () -> "skipped: " + device + " is one of CUDA");
    for (Map<String, String> properties :
        List.of(
            Map.of("vit4j.tornado.kernels", "cublas"), Map.of("vit4j.tornado.cudaGraph", "true"))) {
      assertThatThrownBy(() -> TornadoDevices.open(device, properties::get))
          .isInstanceOf(BackendException.class)
          .hasMessageContainingAll(device, "CUDA", properties.keySet().iterator().next())
          .hasMessageNotContaining("\n");
    }
  }

  @Test
  void valuesThatOptionsDoNotHaveAreRefused() {
    String device = anyDevice();
    for (String property : List.of("vit4j.tornado.kernels", "vit4j.tornado.cudaGraph")) {
      assertThatThrownBy(() -> TornadoDevices.open(device, Map.of(property, "maybe")::get))
          .isInstanceOf(BackendException.class)
          .hasMessageContainingAll(property, "'maybe'");
    }
  }

  @Test
  void theVersionTellsWhichOptionsAreSet() {
    anyDevice();
    assertThat(TornadoDevices.options(Map.<String, String>of()::get)).isEmpty();
    assertThat(
            TornadoDevices.options(
                Map.of("vit4j.tornado.kernels", "cublas", "vit4j.tornado.cudaGraph", "true")::get))
        .isEqualTo(", kernels cublas, CUDA graphs");
  }

  @Test
  void anUnknownDeviceIsAnError() {
    assertThatThrownBy(() -> TornadoRuntime.open("tornado:9:9"))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("tornado:9:9");
  }

  @Test
  void outOfMemoryIsSeenBehindWhateverWrapsIt() {
    assertThat(
            DeviceExecutor.isOutOfMemory(
                new IllegalStateException(
                    new IllegalStateException("Unable to allocate 17 bytes of memory"))))
        .isTrue();
    assertThat(DeviceExecutor.isOutOfMemory(new IllegalStateException("no such kernel"))).isFalse();
  }
}
