package io.github.vit4j.error;

/** A model name or directory under which no model can be found. */
public final class ModelNotFoundException extends ViTException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with a one-line message for the user. */
  public ModelNotFoundException(String message) {
    super(message);
  }

  /** Creates the exception with a one-line message for the user and what led to it. */
  public ModelNotFoundException(String message, Throwable cause) {
    super(message, cause);
  }
}
