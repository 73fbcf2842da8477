package io.github.vit4j.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.conformance.ReferenceCases;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.spi.Availability;
import io.github.vit4j.spi.BackendProvider;
import io.github.vit4j.spi.Device;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.ModelSource;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.ProcessorCores;
import io.github.vit4j.spi.SessionInfo;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.weights.FileIdentity;
import io.github.vit4j.weights.FileRegion;
import io.github.vit4j.weights.Weight;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxBackendProviderTest {
  private static final SessionOptions CPU = new SessionOptions("cpu", Precision.FP32, 1, false);

  private final OnnxBackendProvider provider = new OnnxBackendProvider();

  @Test
  void isFoundByServiceLoader() {
    assertThat(ServiceLoader.load(BackendProvider.class))
        .anyMatch(OnnxBackendProvider.class::isInstance);
    assertThat(provider.name()).isEqualTo("onnx");
  }

  @Test
  void isAvailableOnTheProcessor() {
    assertThat(provider.availability())
        .isInstanceOfSatisfying(
            Availability.Available.class,
            available -> {
              assertThat(available.version()).matches("ONNX Runtime [0-9.]+");
              assertThat(available.devices().getFirst().name()).isEqualTo("cpu");
              assertThat(available.devices().getFirst().precisions())
                  .containsExactlyInAnyOrder(Precision.FP32, Precision.INT8);
            });
  }

  @Test
  void saysWhatItRunsOn() {
    try (ViTSession session = provider.open(ReferenceCases.named("classifier").model(), CPU)) {
      assertThat(session.info().backend()).isEqualTo("onnx");
      assertThat(session.info().device()).isEqualTo("cpu");
      assertThat(session.info().precision()).isEqualTo(Precision.FP32);
      assertThat(session.info().threads()).isEqualTo(1);
    }
  }

  @Test
  void reallyStartsTheThreadsItSays() {
    // ONNX Runtime's pool has one thread fewer than it computes with: the caller is the last.
    long before = threadsOfTheProcess();
    SessionOptions options = new SessionOptions("cpu", Precision.FP32, 4, false);
    try (ViTSession session = provider.open(ReferenceCases.named("classifier").model(), options)) {
      assertThat(session.info().threads()).isEqualTo(4);
      assertThat(threadsOfTheProcess() - before).isGreaterThanOrEqualTo(3);
    }
  }

  private static long threadsOfTheProcess() {
    Path tasks = Path.of("/proc/self/task");
    org.junit.jupiter.api.Assumptions.assumeTrue(
        Files.isDirectory(tasks), "no /proc/self/task here to count threads with");
    try (var list = Files.list(tasks)) {
      return list.count();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void zeroThreadsMeansOnePerCore() {
    SessionOptions options = new SessionOptions("cpu", Precision.FP32, 0, true);
    try (ViTSession session = provider.open(ReferenceCases.named("classifier").model(), options)) {
      SessionInfo info = session.info();
      assertThat(info.threads())
          .isBetween(1, Runtime.getRuntime().availableProcessors())
          .isEqualTo(ProcessorCores.available());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpu", "cuda", "cuda:x", "CPU", ""})
  void refusesUnknownDevices(String device) {
    assertThatThrownBy(
            () ->
                provider.open(
                    ReferenceCases.named("classifier").model(),
                    new SessionOptions(device, Precision.FP32, 1, false)))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("no device '" + device + "'")
        .hasMessageContaining("it has cpu");
  }

  @Test
  void refusesCudaWhereThereIsNone() {
    org.junit.jupiter.api.Assumptions.assumeFalse(
        OrtLibrary.hasCuda(), "onnxruntime_gpu is on the class path");
    assertThatThrownBy(
            () ->
                provider.open(
                    ReferenceCases.named("classifier").model(),
                    new SessionOptions("cuda:0", Precision.FP32, 1, false)))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("onnxruntime_gpu");
  }

  @Test
  void listsGpusInFrontOfTheProcessor() {
    assertThat(OnnxBackendProvider.devices(2).stream().map(Device::name))
        .containsExactly("cuda:0", "cuda:1", "cpu");
    assertThat(OnnxBackendProvider.devices(0).stream().map(Device::name)).containsExactly("cpu");
    assertThat(OnnxBackendProvider.devices(1).stream().map(Device::precisions))
        .containsExactly(Set.of(Precision.FP32), Set.of(Precision.FP32, Precision.INT8));
  }

  @Test
  void takesTheDevicesItListsAndNoOthers() {
    var devices = OnnxBackendProvider.devices(2);
    assertThat(OnnxBackendProvider.ortOptions(on("cpu"), devices, true).cudaDevice())
        .isEqualTo(OrtOptions.NO_CUDA);
    assertThat(OnnxBackendProvider.ortOptions(on("cuda:1"), devices, true).cudaDevice())
        .isEqualTo(1);
    assertThatThrownBy(() -> OnnxBackendProvider.ortOptions(on("cuda:2"), devices, true))
        .isInstanceOf(BackendException.class)
        .hasMessage(
            "backend onnx has no device 'cuda:2' here, it has cuda:0, cuda:1, cpu; choose one of these");
  }

  private static SessionOptions on(String device) {
    return new SessionOptions(device, Precision.FP32, 1, false);
  }

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"FP32", "INT8"},
      mode = EnumSource.Mode.EXCLUDE)
  void refusesOtherPrecisions(Precision precision) {
    assertThatThrownBy(
            () ->
                provider.open(
                    ReferenceCases.named("classifier").model(),
                    new SessionOptions("cpu", precision, 1, false)))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining(precision.toString())
        .hasMessageContaining("float32 or int8 on cpu");
  }

  @Test
  void int8IsForTheProcessor() {
    assertThatThrownBy(
            () ->
                OnnxBackendProvider.checkPrecision(
                    new SessionOptions("cuda:0", Precision.INT8, 1, false),
                    OnnxBackendProvider.devices(1)))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("float32 on cuda:0, not in int8");
  }

  @Test
  void aFileThatIsTooShortIsAnError(@TempDir Path directory) throws IOException {
    ModelDefinition model = ReferenceCases.named("classifier").model();
    Path file = directory.toRealPath().resolve("model.safetensors");
    Files.write(file, new byte[1000]);
    FileIdentity identity = FileIdentity.of(file);
    Map<String, Weight> moved = new LinkedHashMap<>();
    ((ModelSource.Weights) model.source())
        .byName()
        .forEach(
            (name, weight) -> {
              FileRegion region = Objects.requireNonNull(weight.region());
              moved.put(
                  name,
                  new Weight(
                      name,
                      weight.tensor(),
                      new FileRegion(file, identity, region.offset(), region.length())));
            });
    ModelDefinition broken =
        new ModelDefinition(model.config(), model.architecture(), new ModelSource.Weights(moved));
    assertThatThrownBy(() -> provider.open(broken, CPU))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining(directory.toRealPath().toString())
        .message()
        .doesNotContain("\n");
  }
}
