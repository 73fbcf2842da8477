package io.github.vit4j.error;

/**
 * A picture that cannot be read: missing, truncated, corrupt, too large or of an unknown format.
 */
public final class ImageException extends ViTException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message one line for the user: what was given, what was expected, what to do
   */
  public ImageException(String message) {
    super(message);
  }

  /**
   * Creates the exception with what led to it.
   *
   * @param message one line for the user: what was given, what was expected, what to do
   * @param cause the failure underneath, for the log
   */
  public ImageException(String message, Throwable cause) {
    super(message, cause);
  }
}
