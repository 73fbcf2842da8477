package io.github.vit4j.backend.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.conformance.ReferenceCases;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.spi.Device;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.SessionOptions;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DjlBackendProviderTest {
  @Test
  void gpusComeFirstAndBfloat16IsListedWhereTheProcessorHasIt() {
    List<Device> devices = DjlBackendProvider.devices(2, false);
    assertThat(devices).extracting(Device::name).containsExactly("cuda:0", "cuda:1", "cpu");
    assertThat(devices.getFirst().precisions()).isEqualTo(Set.of(Precision.FP32, Precision.FP16));
    assertThat(devices.getLast().precisions()).isEqualTo(Set.of(Precision.FP32));
    assertThat(DjlBackendProvider.devices(0, true).getFirst().precisions())
        .isEqualTo(Set.of(Precision.FP32, Precision.BF16));
  }

  @Test
  void whatIsNotThereIsRefusedWithWhatToDo() {
    List<Device> devices = DjlBackendProvider.devices(0, false);
    assertThatThrownBy(() -> DjlBackendProvider.gpu(options("cuda:0", Precision.FP32), devices))
        .isInstanceOf(BackendException.class)
        .hasMessageContainingAll("'cuda:0'", "cpu", "PYTORCH_LIBRARY_PATH");
    assertThatThrownBy(() -> DjlBackendProvider.gpu(options("cpu", Precision.BF16), devices))
        .isInstanceOf(BackendException.class)
        .hasMessageContainingAll("bfloat16", "float32", "AMX");
    assertThatThrownBy(() -> DjlBackendProvider.gpu(options("cpu", Precision.FP16), devices))
        .isInstanceOf(BackendException.class)
        .hasMessageContainingAll("float16", "float32");
    assertThat(DjlBackendProvider.gpu(options("cpu", Precision.FP32), devices)).isNegative();
    assertThat(
            DjlBackendProvider.gpu(
                options("cuda:1", Precision.FP16), DjlBackendProvider.devices(2, false)))
        .isEqualTo(1);
  }

  private static SessionOptions options(String device, Precision precision) {
    return new SessionOptions(device, precision, 1, false);
  }

  @Test
  void bfloat16InstructionsAreFoundAmongTheFlags(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("cpuinfo");
    Files.writeString(file, "processor : 0\nflags\t\t: fpu avx512f avx512_bf16 amx_tile\n");
    assertThat(BFloat16Instructions.present(file)).isTrue();
    Files.writeString(file, "processor : 0\nflags\t\t: fpu avx512f avx512_bf16x\n");
    assertThat(BFloat16Instructions.present(file)).isFalse();
    assertThat(BFloat16Instructions.present(directory.resolve("none"))).isFalse();
  }

  /** Opens a model; for a JVM of its own. */
  public static final class Opening {
    private Opening() {}

    public static void main(String[] arguments) {
      try {
        new DjlBackendProvider()
            .open(ReferenceCases.named("classifier").model(), options("cpu", Precision.FP32))
            .close();
        System.out.println("opened");
      } catch (BackendException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  void aCacheThatCannotBeWrittenIsToldInOneLine(@TempDir Path directory) throws Exception {
    Path occupied = Files.writeString(directory.resolve("file"), "no folder");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                .replace(File.pathSeparator + File.pathSeparator, File.pathSeparator),
            Opening.class.getName());
    builder.environment().put("DJL_CACHE_DIR", occupied.toString());
    builder.redirectErrorStream(true);
    Process process = builder.start();
    String said =
        new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
            .strip();
    process.waitFor();
    assertThat(said.lines()).hasSize(1);
    assertThat(said)
        .startsWith("PyTorch's libraries cannot be unpacked to " + occupied)
        .contains("DJL_CACHE_DIR");
  }
}
