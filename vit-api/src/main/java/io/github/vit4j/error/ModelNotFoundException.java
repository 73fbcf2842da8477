package io.github.vit4j.error;

/** A model name or directory under which no model can be found. */
public final class ModelNotFoundException extends ViTException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message one line for the user: what was given, what was expected, what to do
   */
  public ModelNotFoundException(String message) {
    super(message);
  }

  /**
   * Creates the exception with what led to it.
   *
   * @param message one line for the user: what was given, what was expected, what to do
   * @param cause the failure underneath, for the log
   */
  public ModelNotFoundException(String message, Throwable cause) {
    super(message, cause);
  }
}
