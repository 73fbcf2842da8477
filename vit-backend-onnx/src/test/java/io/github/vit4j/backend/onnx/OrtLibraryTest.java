package io.github.vit4j.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** ONNX Runtime's start in a process of its own. */
class OrtLibraryTest {
  @TempDir Path temporary = Path.of("");

  /** Loads the library; run in the child process. */
  public static final class Child {
    private Child() {}

    /** Prints the version. */
    public static void main(String[] arguments) {
      System.out.println(OrtLibrary.version());
    }
  }

  @Test
  @Timeout(60)
  void aLongCommandLineIsNoMatterAndNothingIsLoggedToTheTemporaryFolder()
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-Djava.io.tmpdir=" + temporary,
            "-Dlong=" + "a".repeat(50_000),
            "-cp",
            System.getProperty("java.class.path"),
            Child.class.getName());
    builder.environment().remove("ORT_DISABLE_TELEMETRY");
    builder.environment().put("TMPDIR", temporary.toString());
    Process process = builder.redirectErrorStream(true).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(output).startsWith("ONNX Runtime ");
    assertThat(process.exitValue()).isZero();
    for (Path folder : new Path[] {temporary, Path.of("/tmp")}) {
      assertThat(folder.resolve("mat-debug-" + process.pid() + ".log")).doesNotExist();
    }
  }
}
