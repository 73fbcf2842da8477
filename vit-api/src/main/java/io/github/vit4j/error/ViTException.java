package io.github.vit4j.error;

/**
 * The root of everything ViT4J throws because of what came from outside: files, names, options,
 * inputs. The message is one line that says what was given, what was expected and what to do.
 * Mistakes in calling code (a null, a negative size) are the JDK's own {@link NullPointerException}
 * and {@link IllegalArgumentException}.
 */
public abstract sealed class ViTException extends RuntimeException
    permits BackendException,
        CheckpointException,
        ConfigException,
        HubException,
        ImageException,
        InvalidInputException,
        ModelNotFoundException {
  private static final long serialVersionUID = 1L;

  ViTException(String message) {
    super(message);
  }

  ViTException(String message, Throwable cause) {
    super(message, cause);
  }
}
