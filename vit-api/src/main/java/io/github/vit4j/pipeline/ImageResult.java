package io.github.vit4j.pipeline;

import io.github.vit4j.error.ViTException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What became of one of many pictures: exactly one of {@code value} and {@code error} is there.
 *
 * @param <S> what names a picture
 * @param <T> what is computed of it
 * @param source where the picture came from
 * @param value what was computed; null if the picture could not be read
 * @param error why the picture could not be read; null if it could
 */
public record ImageResult<S, T>(S source, @Nullable T value, @Nullable ViTException error) {
  /** Checks that there is either a value or an error. */
  public ImageResult {
    Objects.requireNonNull(source, "a result has a source");
    if ((value == null) == (error == null)) {
      throw new IllegalArgumentException("a result has either a value or an error");
    }
  }

  /**
   * {@return what was computed}
   *
   * @throws ViTException the error, if the picture could not be read
   */
  public T valueOrThrow() {
    if (error != null) {
      throw error;
    }
    return Objects.requireNonNull(value);
  }
}
