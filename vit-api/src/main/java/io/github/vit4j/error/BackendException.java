package io.github.vit4j.error;

/**
 * A backend that is unknown, unavailable, cannot meet an explicit choice, or failed while running.
 */
public final class BackendException extends ViTException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message one line for the user: what was given, what was expected, what to do
   */
  public BackendException(String message) {
    super(message);
  }

  /**
   * Creates the exception with what led to it.
   *
   * @param message one line for the user: what was given, what was expected, what to do
   * @param cause the failure underneath, for the log
   */
  public BackendException(String message, Throwable cause) {
    super(message, cause);
  }
}
