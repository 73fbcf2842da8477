package io.github.vit4j.error;

/**
 * A backend that is unknown, unavailable, cannot meet an explicit choice, or failed while running.
 */
public final class BackendException extends ViTException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with a one-line message for the user. */
  public BackendException(String message) {
    super(message);
  }

  /** Creates the exception with a one-line message for the user and what led to it. */
  public BackendException(String message, Throwable cause) {
    super(message, cause);
  }
}
