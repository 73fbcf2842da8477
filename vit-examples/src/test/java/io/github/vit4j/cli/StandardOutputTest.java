package io.github.vit4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  @Test
  void noMoreImagesAreReadForAReaderThatHasGone(@TempDir Path folder) throws IOException {
    Path model = Fixtures.tinyModel(folder.resolve("model"));
    Path image = Fixtures.image(folder.resolve("red.png"), 0xff0000);
    StringWriter err = new StringWriter();
    int exitCode =
        Main.run(
            new String[] {
              "classify", "--model=" + model, "--batch-size=1", image.toString(), "missing.png"
            },
            new PrintWriter(failingWith("Broken pipe"), false, StandardCharsets.UTF_8),
            new PrintWriter(err));
    assertThat(exitCode).isZero();
    assertThat(err.toString()).isEmpty();
  }
}
