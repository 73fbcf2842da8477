package io.github.vit4j.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CudaDevicesTest {
  @TempDir Path root = Path.of("");

  private void deviceFiles(String... names) throws IOException {
    Files.createDirectories(root.resolve("dev"));
    for (String name : names) {
      Files.createFile(root.resolve("dev").resolve(name));
    }
  }

  private void listedByTheDriver(String... names) throws IOException {
    for (String name : names) {
      Files.createDirectories(root.resolve("proc/driver/nvidia/gpus").resolve(name));
    }
  }

  @Test
  void seesNoneWithoutADriver() throws IOException {
    assertThat(CudaDevices.count(true, "Linux", root)).isZero();
    deviceFiles("null", "nvidiactl", "nvidia-uvm", "nvidia-modeset", "nvme0");
    assertThat(CudaDevices.count(true, "Linux", root)).isZero();
  }

  @Test
  void countsDeviceFiles() throws IOException {
    deviceFiles("nvidia0", "nvidia3", "nvidia11", "nvidiactl", "nvidia-uvm");
    listedByTheDriver("0000:01:00.0", "0000:02:00.0", "0000:03:00.0", "0000:04:00.0");
    assertThat(CudaDevices.count(true, "Linux", root)).isEqualTo(3);
  }

  @Test
  void takesWhatTheDriverListsBeforeThereAreDeviceFiles() throws IOException {
    deviceFiles("null");
    listedByTheDriver("0000:01:00.0", "0000:02:00.0");
    assertThat(CudaDevices.count(true, "Linux", root)).isEqualTo(2);
  }

  @Test
  void aBuildWithoutCudaHasNone() throws IOException {
    deviceFiles("nvidia0");
    assertThat(CudaDevices.count(false, "Linux", root)).isZero();
    assertThat(CudaDevices.count(false, "Windows 11", root)).isZero();
  }

  @Test
  void onlyLinuxIsCounted() throws IOException {
    deviceFiles("nvidia0", "nvidia1");
    assertThat(CudaDevices.count(true, "Windows 11", root)).isEqualTo(1);
    assertThat(CudaDevices.count(true, "Mac OS X", root)).isZero();
  }
}
