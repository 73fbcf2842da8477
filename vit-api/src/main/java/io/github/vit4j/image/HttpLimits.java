package io.github.vit4j.image;

import java.time.Duration;
import java.util.Objects;

/**
 * What a download may cost.
 *
 * @param maxBytes the largest body that is taken, 1 to {@link ImageReader#MAX_FILE_BYTES}
 * @param timeout how long all of it may take, redirects included; more than zero
 * @param maxRedirects how many redirects are followed, at least 0
 */
public record HttpLimits(int maxBytes, Duration timeout, int maxRedirects) {
  /** 64 MiB, 30 seconds, 5 redirects. */
  public static final HttpLimits DEFAULT = new HttpLimits(64 << 20, Duration.ofSeconds(30), 5);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if one is left
   */
  public HttpLimits {
    Objects.requireNonNull(timeout, "timeout");
    if (maxBytes < 1 || maxBytes > ImageReader.MAX_FILE_BYTES) {
      throw new IllegalArgumentException(
          "maxBytes must be from 1 to %d, got %d".formatted(ImageReader.MAX_FILE_BYTES, maxBytes));
    }
    if (!timeout.isPositive()) {
      throw new IllegalArgumentException("timeout must be more than zero, got " + timeout);
    }
    if (maxRedirects < 0) {
      throw new IllegalArgumentException("maxRedirects must be at least 0, got " + maxRedirects);
    }
  }
}
