package io.github.vit4j.hub;

import java.time.Duration;
import java.util.Optional;

/** A failure that may pass: the request is worth another attempt. */
final class TransientFailure extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Optional<Duration> retryAfter;
  private final boolean unreachable;
  private final boolean progressed;

  private TransientFailure(
      String message,
      Optional<Duration> retryAfter,
      boolean unreachable,
      boolean progressed,
      Throwable cause) {
    super(message, cause);
    this.retryAfter = retryAfter;
    this.unreachable = unreachable;
    this.progressed = progressed;
  }

  private TransientFailure(String message, Optional<Duration> retryAfter) {
    super(message);
    this.retryAfter = retryAfter;
    this.unreachable = false;
    this.progressed = false;
  }

  /** The server asks to come back, perhaps not before some time has passed. */
  static TransientFailure busy(String message, Optional<Duration> retryAfter) {
    return new TransientFailure(message, retryAfter);
  }

  /** What arrived is of no use. */
  static TransientFailure useless(String message) {
    return new TransientFailure(message, Optional.empty());
  }

  /** There was no connection at all. */
  static TransientFailure unreachable(String message, Throwable cause) {
    return new TransientFailure(message, Optional.empty(), true, false, cause);
  }

  /** The connection failed on the way. */
  static TransientFailure cut(String message, boolean progressed, Throwable cause) {
    return new TransientFailure(message, Optional.empty(), false, progressed, cause);
  }

  String reason() {
    return String.valueOf(getMessage());
  }

  Optional<Duration> retryAfter() {
    return retryAfter;
  }

  boolean isUnreachable() {
    return unreachable;
  }

  /** Whether enough arrived to start counting attempts anew. */
  boolean hasProgressed() {
    return progressed;
  }
}
