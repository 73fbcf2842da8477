package io.github.vit4j.error;

/**
 * A configuration (config.json, preprocessor_config.json or builder) that HuggingFace's ViT does
 * not accept.
 */
public final class ConfigException extends ViTException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with a one-line message for the user. */
  public ConfigException(String message) {
    super(message);
  }

  /** Creates the exception with a one-line message for the user and what led to it. */
  public ConfigException(String message, Throwable cause) {
    super(message, cause);
  }
}
