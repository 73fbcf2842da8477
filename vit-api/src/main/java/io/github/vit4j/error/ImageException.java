package io.github.vit4j.error;

/**
 * A picture that cannot be read: missing, truncated, corrupt, too large or of an unknown format.
 */
public final class ImageException extends ViTException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with a one-line message for the user. */
  public ImageException(String message) {
    super(message);
  }

  /** Creates the exception with a one-line message for the user and what led to it. */
  public ImageException(String message, Throwable cause) {
    super(message, cause);
  }
}
