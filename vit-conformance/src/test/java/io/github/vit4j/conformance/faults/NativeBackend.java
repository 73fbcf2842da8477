package io.github.vit4j.conformance.faults;

import io.github.vit4j.spi.Availability;
import io.github.vit4j.spi.BackendProvider;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTSession;
import java.nio.file.Path;

/** Loads a native library, one that the JDK has and does not need, with its class. */
@SuppressWarnings("restricted")
public final class NativeBackend implements BackendProvider {
  static {
    String directory = System.getProperty("os.name").startsWith("Windows") ? "bin" : "lib";
    System.load(
        Path.of(System.getProperty("java.home"), directory, System.mapLibraryName("prefs"))
            .toString());
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
