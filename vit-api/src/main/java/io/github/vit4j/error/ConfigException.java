package io.github.vit4j.error;

/**
 * A configuration (config.json, preprocessor_config.json or builder) that HuggingFace's ViT does
 * not accept.
 */
public final class ConfigException extends ViTException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message one line for the user: what was given, what was expected, what to do
   */
  public ConfigException(String message) {
    super(message);
  }

  /**
   * Creates the exception with what led to it.
   *
   * @param message one line for the user: what was given, what was expected, what to do
   * @param cause the failure underneath, for the log
   */
  public ConfigException(String message, Throwable cause) {
    super(message, cause);
  }
}
