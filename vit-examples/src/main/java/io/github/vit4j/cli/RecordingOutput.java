package io.github.vit4j.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

/** An output that remembers why it failed, which a {@link java.io.PrintWriter} does not. */
final class RecordingOutput extends OutputStream {
  private final OutputStream target;
  private Optional<String> failure = Optional.empty();

  RecordingOutput(OutputStream target) {
    this.target = target;
  }

  /** The message of the first failure. */
  Optional<String> failure() {
    return failure;
  }

  /** Whether the reader at the other end has gone. */
  boolean pipeClosed() {
    return failure.filter(message -> message.contains("Broken pipe")).isPresent();
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      target.write(bytes, offset, length);
    } catch (IOException e) {
      if (failure.isEmpty()) {
        failure = Optional.of(String.valueOf(e.getMessage()));
      }
      throw e;
    }
  }

  @Override
  public void flush() throws IOException {
    target.flush();
  }
}
