package io.github.vit4j.spi;

import io.github.vit4j.error.BackendException;

/**
 * An engine that can run Vision Transformers; found by {@link java.util.ServiceLoader}.
 * Implementations have a public constructor without arguments that does nothing: no native library
 * is loaded, no network used and no file written before {@link #availability} or {@link #open} is
 * called. Thread-safe.
 */
public interface BackendProvider {
  /**
   * {@return the name that users choose it by: lower-case letters, digits and hyphens, unique among
   * the providers}
   */
  String name();

  /**
   * {@return the devices and precisions that are there, here and now, or the reason why there are
   * none} Cheap enough to list all backends with; never throws.
   */
  Availability availability();

  /**
   * Prepares a model for running. Device and precision of {@code options} are met exactly.
   *
   * @param model what to compute and with which numbers
   * @param options what to run it on; device and precision are among those of {@link #availability}
   * @return a session on that device in that precision; the caller's to close
   * @throws BackendException if they cannot be met, or if this engine cannot run the model; the
   *     message says what is there and what to do
   */
  ViTSession open(ModelDefinition model, SessionOptions options);

  /**
   * {@return whether several callers of one session on a processor are served side by side, each
   * with the session's threads, and not one after the other} Then one thread and as many callers as
   * there are cores get most work done, which is what is chosen for many images.
   */
  default boolean runsSideBySide() {
    return false;
  }
}
