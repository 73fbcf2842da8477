package io.github.vit4j.conformance.faults;

import io.github.vit4j.conformance.reference.ReferenceBackendProvider;
import io.github.vit4j.spi.Availability;
import io.github.vit4j.spi.BackendProvider;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.spi.ViTSession;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A correct backend that opens its sessions in another way.
 *
 * @param opening in which
 */
record AlteredBackend(Opening opening) implements BackendProvider {
  static final BackendProvider CORRECT = new ReferenceBackendProvider();

  /** Opens a session. */
  interface Opening {
    ViTSession open(ModelDefinition model, SessionOptions options);
  }

  /** Makes the {@code run} of a session out of a correct one; may keep state for the session. */
  interface Runs {
    Function<ViTInputs, ViTOutputs> of(ModelDefinition model, ViTSession correct);
  }

  /** Computes another model than it was given. */
  static BackendProvider ofModel(UnaryOperator<ModelDefinition> alteration) {
    return new AlteredBackend((model, options) -> CORRECT.open(alteration.apply(model), options));
  }

  /** Runs in another way. */
  static BackendProvider ofRuns(Runs runs) {
    return ofSessions(
        (model, correct) -> new AlteredSession(correct, runs.of(model, correct), correct::close));
  }

  /** Hands out sessions made of correct ones. */
  static BackendProvider ofSessions(
      BiFunction<ModelDefinition, ViTSession, ViTSession> alteration) {
    return new AlteredBackend(
        (model, options) -> alteration.apply(model, CORRECT.open(model, options)));
  }

  @Override
  public String name() {
    return CORRECT.name();
  }

  @Override
  public Availability availability() {
    return CORRECT.availability();
  }

  @Override
  public ViTSession open(ModelDefinition model, SessionOptions options) {
    return opening.open(model, options);
  }
}
