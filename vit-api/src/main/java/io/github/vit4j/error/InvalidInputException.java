package io.github.vit4j.error;

/** An input tensor whose shape, element type or values a model does not accept. */
public final class InvalidInputException extends ViTException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message one line for the user: what was given, what was expected, what to do
   */
  public InvalidInputException(String message) {
    super(message);
  }

  /**
   * Creates the exception with what led to it.
   *
   * @param message one line for the user: what was given, what was expected, what to do
   * @param cause the failure underneath, for the log
   */
  public InvalidInputException(String message, Throwable cause) {
    super(message, cause);
  }
}
