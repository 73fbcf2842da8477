package io.github.vit4j.error;

/** An input tensor whose shape, element type or values a model does not accept. */
public final class InvalidInputException extends ViTException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with a one-line message for the user. */
  public InvalidInputException(String message) {
    super(message);
  }

  /** Creates the exception with a one-line message for the user and what led to it. */
  public InvalidInputException(String message, Throwable cause) {
    super(message, cause);
  }
}
