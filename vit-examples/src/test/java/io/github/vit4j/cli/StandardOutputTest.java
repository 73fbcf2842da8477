package io.github.vit4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What happens when standard output does not take the results. */
class StandardOutputTest {
  private static RecordingOutput failingWith(String message) {
    return new RecordingOutput(
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException(message);
          }
        });
  }

  @Test
  void aFullDiskIsRemembered() {
    RecordingOutput output = failingWith("No space left on device");
    int exitCode =
        Main.run(
            new String[] {"--version"},
            new PrintWriter(output, false, StandardCharsets.UTF_8),
            new PrintWriter(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    assertThat(exitCode).isZero();
    assertThat(output.failure()).hasValue("No space left on device");
    assertThat(output.pipeClosed()).isFalse();
  }

  @Test
  void aReaderThatHasGoneIsNoFailure() {
    RecordingOutput output = failingWith("Broken pipe");
    PrintWriter writer = new PrintWriter(output, true, StandardCharsets.UTF_8);
    writer.println("text");
    assertThat(output.pipeClosed()).isTrue();
  }
}
