package io.github.vit4j.conformance.faults;

import io.github.vit4j.spi.Availability;
import io.github.vit4j.spi.BackendProvider;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a file into the working directory when its class is loaded. */
public final class WritingBackend implements BackendProvider {
  /** What is left behind. */
  static final Path FILE = Path.of("written-by-a-wrong-backend.tmp");

  static {
    try {
      Files.writeString(FILE, "a cache of something");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** For a JVM that finds the class by its name. */
  public WritingBackend() {}

  @Override
  public String name() {
    return AlteredBackend.CORRECT.name();
  }

  @Override
  public Availability availability() {
    return AlteredBackend.CORRECT.availability();
  }

  @Override
  public ViTSession open(ModelDefinition model, SessionOptions options) {
    return AlteredBackend.CORRECT.open(model, options);
  }
}
