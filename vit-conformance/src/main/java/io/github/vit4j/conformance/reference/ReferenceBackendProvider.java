package io.github.vit4j.conformance.reference;

import io.github.vit4j.error.BackendException;
import io.github.vit4j.spi.Availability;
import io.github.vit4j.spi.BackendProvider;
import io.github.vit4j.spi.Device;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.ModelSource;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.SessionInfo;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTSession;
import java.util.List;
import java.util.Set;

/**
 * The backend {@code reference}: the model in plain Java, slow and exact.
 *
 * <p>Its precision is called float32, for that is what comes out; it computes in float64 and rounds
 * once, at the end. Position embeddings for images of another size are the exception: they are
 * interpolated in float32, by the code that all backends share.
 */
public final class ReferenceBackendProvider implements BackendProvider {
  private static final String NAME = "reference";
  private static final String CPU = "cpu";
  private static final Precision PRECISION = Precision.FP32;

  /** Does nothing. */
  public ReferenceBackendProvider() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Availability availability() {
    String description = System.getProperty("os.arch") + " processor";
    return new Availability.Available(
        version(), List.of(new Device(CPU, description, Set.of(PRECISION))));
  }

  @Override
  public ViTSession open(ModelDefinition model, SessionOptions options) {
    if (!options.device().equals(CPU)) {
      throw new BackendException(
          "backend %s has no device '%s', it has %s; choose that or another backend"
              .formatted(NAME, options.device(), CPU));
    }
    if (options.precision() != PRECISION) {
      throw new BackendException(
          "backend %s does not hand out %s, it has %s; choose that or another backend"
              .formatted(NAME, options.precision(), PRECISION));
    }
    if (model.source() instanceof ModelSource.ExportedOnnx exported) {
      throw new BackendException(
          "backend %s does not read graphs such as %s; give it the checkpoint, or choose backend onnx"
              .formatted(NAME, exported.file()));
    }
    int threads =
        options.threads() == 0 ? Runtime.getRuntime().availableProcessors() : options.threads();
    return new ReferenceSession(
        model, threads, new SessionInfo(NAME, version(), CPU, PRECISION, threads));
  }

  private static String version() {
    return "Java " + Runtime.version().feature();
  }
}
