package io.github.vit4j.backend.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.vit4j.conformance.ReferenceCases;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.spi.Availability;
import io.github.vit4j.spi.Device;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.ModelSource;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.ProcessorCores;
import io.github.vit4j.spi.SessionInfo;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTSession;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TornadoBackendProviderTest {
  private final TornadoBackendProvider provider = new TornadoBackendProvider();
  private final ModelDefinition model = ReferenceCases.named("classifier").model();

  private static SessionOptions options(String device, Precision precision, int threads) {
    return new SessionOptions(device, precision, threads, false);
  }

  @Test
  void theJvmIsAlwaysThereAndFirst() {
    assertThat(provider.availability())
        .isInstanceOfSatisfying(
            Availability.Available.class,
            available -> {
              Device first = available.devices().getFirst();
              assertThat(first.name()).isEqualTo("jvm");
              assertThat(first.precisions()).isEqualTo(Set.of(Precision.FP32));
            });
  }

  @Test
  void aSessionTellsWhatItRunsOn() {
    try (ViTSession session = provider.open(model, options("jvm", Precision.FP32, 3))) {
      SessionInfo info = session.info();
      assertThat(info.device()).isEqualTo("jvm");
      assertThat(info.threads()).isEqualTo(3);
      assertThat(info.version())
          .startsWith("Java " + Runtime.version().feature())
          .contains(Arithmetics.chosen().description());
    }
    try (ViTSession session = provider.open(model, options("jvm", Precision.FP32, 0))) {
      assertThat(session.info().threads()).isEqualTo(ProcessorCores.available());
    }
  }

  @Test
  void whatIsNotThereIsRefusedWithWhatToDo() {
    assertThatThrownBy(() -> provider.open(model, options("tornado:9:9", Precision.FP32, 1)))
        .isInstanceOf(BackendException.class)
        .hasMessageContainingAll("'tornado:9:9'", "jvm");
    assertThatThrownBy(() -> provider.open(model, options("jvm", Precision.FP16, 1)))
        .isInstanceOf(BackendException.class)
        .hasMessageContainingAll("float16", "float32");
    ModelDefinition exported =
        new ModelDefinition(
            model.config(),
            model.architecture(),
            new ModelSource.ExportedOnnx(Path.of("model.onnx")));
    assertThatThrownBy(() -> provider.open(exported, options("jvm", Precision.FP32, 1)))
        .isInstanceOf(BackendException.class)
        .hasMessageContainingAll("model.onnx", "backend onnx");
  }

  @Test
  void withoutTornadoVmItsClassesAreNotNeeded() {
    assumeTrue(
        System.getProperty("tornado.load.runtime.implementation") == null,
        "this JVM was started with TornadoVM");
    assertThatThrownBy(() -> Class.forName("uk.ac.manchester.tornado.api.annotations.Parallel"))
        .isInstanceOf(ClassNotFoundException.class);
    assertThatThrownBy(() -> provider.open(model, options("tornado:0:0", Precision.FP32, 1)))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("TORNADOVM_HOME");
    provider.open(model, options("jvm", Precision.FP32, 1)).close();
  }
}
