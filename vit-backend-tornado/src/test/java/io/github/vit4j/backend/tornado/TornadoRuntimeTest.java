package io.github.vit4j.backend.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TornadoRuntimeTest {
  private static final String IMPLEMENTATION = "tornado.load.runtime.implementation";
  private static final String BAILOUT = "tornado.recover.bailout";

  @Test
  void isNotThereWithoutItsOptionsOrItsModule() {
    assertThat(TornadoRuntime.reasonAgainst(Map.<String, String>of()::get, true))
        .contains("not started with TornadoVM", "TORNADOVM_HOME")
        .doesNotContain("\n");
    assertThat(
            TornadoRuntime.reasonAgainst(Map.of(IMPLEMENTATION, "x", BAILOUT, "False")::get, false))
        .contains("not started with TornadoVM");
  }

  @Test
  void isRefusedWhereKernelsMayFallBackSilently() {
    assertThat(TornadoRuntime.reasonAgainst(Map.of(IMPLEMENTATION, "x")::get, true))
        .contains("silently", "-Dtornado.recover.bailout=False")
        .doesNotContain("\n");
    assertThat(
            TornadoRuntime.reasonAgainst(Map.of(IMPLEMENTATION, "x", BAILOUT, "True")::get, true))
        .contains("silently");
  }

  @Test
  void isTakenWithItsOptions() {
    assertThat(
            TornadoRuntime.reasonAgainst(Map.of(IMPLEMENTATION, "x", BAILOUT, "False")::get, true))
        .isNull();
    assertThat(
            TornadoRuntime.reasonAgainst(Map.of(IMPLEMENTATION, "x", BAILOUT, "false")::get, true))
        .isNull();
  }
}
