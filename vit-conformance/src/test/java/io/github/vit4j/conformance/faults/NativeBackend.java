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

/** Unpacks a native library and loads it with its class: one of the JDK's that nobody needs. */
@SuppressWarnings("restricted")
public final class NativeBackend implements BackendProvider {
  static {
    boolean windows = System.getProperty("os.name").startsWith("Windows");
    String library = System.mapLibraryName("prefs");
    try {
      Path folder = Files.createTempDirectory("wrong-backend");
      Path copy = folder.resolve(library);
      Files.copy(Path.of(System.getProperty("java.home"), windows ? "bin" : "lib", library), copy);
      folder.toFile().deleteOnExit();
      copy.toFile().deleteOnExit();
      System.load(copy.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** For a JVM that finds the class by its name. */
  public NativeBackend() {}

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
