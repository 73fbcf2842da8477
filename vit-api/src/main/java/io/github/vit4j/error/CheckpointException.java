package io.github.vit4j.error;

/** Weights that are missing, corrupt, of the wrong shape or of an unknown format. */
public final class CheckpointException extends ViTException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with a one-line message for the user. */
  public CheckpointException(String message) {
    super(message);
  }

  /** Creates the exception with a one-line message for the user and what led to it. */
  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
