package io.github.vit4j.backend.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How many NVIDIA GPUs can be seen without loading CUDA, which would take seconds and memory on
 * each of them. That one can be seen does not mean that it can be used.
 */
final class CudaDevices {
  /** Written by the driver, one directory per GPU; in a container, of those that it was given. */
  private static final String PROC = "proc/driver/nvidia/gpus";

  private static final Pattern DEVICE_FILE = Pattern.compile("nvidia[0-9]+");

  private CudaDevices() {}

  /** The number of GPUs on this machine, as {@link #count(boolean, String, Path)}. */
  static int count(boolean supported) {
    return count(supported, System.getProperty("os.name", ""), Path.of("/"));
  }

  /**
   * The number of GPUs: on Linux the device files {@code /dev/nvidia0} and so on, or what the
   * driver lists where there are none of these yet (they are created on first use). Windows has no
   * such files; one is taken to be there. 0 on other systems.
   *
   * @param supported whether this build of ONNX Runtime can use them; 0 if not
   * @param system the system property {@code os.name}
   * @param root where Linux's files lie
   */
  static int count(boolean supported, String system, Path root) {
    if (!supported) {
      return 0;
    }
    if (system.startsWith("Windows")) {
      return 1;
    }
    if (!system.equals("Linux")) {
      return 0;
    }
    int devices = count(root.resolve("dev"), DEVICE_FILE);
    return devices > 0 ? devices : count(root.resolve(PROC), Pattern.compile(".+"));
  }

  private static int count(Path directory, Pattern name) {
    try (Stream<Path> files = Files.list(directory)) {
      return (int)
          files.filter(file -> name.matcher(file.getFileName().toString()).matches()).count();
    } catch (IOException | RuntimeException e) {
      return 0; // no driver, or a sandbox without these files
    }
  }
}
