package io.github.vit4j.spi;

import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.InvalidInputException;

/**
 * A model made ready on a device. Safe for concurrent callers. Outputs are the caller's own:
 * nothing that a later run or {@link #close} does changes them.
 */
public interface ViTSession extends AutoCloseable {
  /**
   * Computes the outputs that {@code inputs} asks for, and no others.
   *
   * @param inputs images, and what to compute of them; not changed
   * @return the outputs, of the shapes that {@link OutputShapes} gives
   * @throws InvalidInputException if the inputs do not fit the model (see {@link
   *     ViTInputs#checkAgainst})
   * @throws IllegalStateException if the session is closed
   * @throws BackendException if the engine failed
   */
  ViTOutputs run(ViTInputs inputs);

  /** {@return what the session really runs on} Also answers after {@link #close}. */
  SessionInfo info();

  /** Waits for runs under way, then releases the engine's memory. Closing again does nothing. */
  @Override
  void close();
}
