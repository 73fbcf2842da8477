package io.github.vit4j.error;

/** Weights that are missing, corrupt, of the wrong shape or of an unknown format. */
public final class CheckpointException extends ViTException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message one line for the user: what was given, what was expected, what to do
   */
  public CheckpointException(String message) {
    super(message);
  }

  /**
   * Creates the exception with what led to it.
   *
   * @param message one line for the user: what was given, what was expected, what to do
   * @param cause the failure underneath, for the log
   */
  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
