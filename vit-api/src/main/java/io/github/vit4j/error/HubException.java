package io.github.vit4j.error;

import java.util.Objects;

/**
 * A model hub that cannot be reached, refuses, or answers with what is not expected, or its cache
 * on this machine that cannot be read or written.
 */
public final class HubException extends ViTException {
  private static final long serialVersionUID = 1L;

  /** What kind of failure it is. */
  private final Reason reason;

  /** What to tell apart when such a failure is handled. */
  public enum Reason {
    /** A name, revision, address or setting that cannot be one. */
    INVALID,
    /** The repository, the revision or the file is not there. */
    NOT_FOUND,
    /** It needs a token, or a licence to be accepted, or the token is not valid. */
    NO_ACCESS,
    /** It is not in the cache, and asking the hub was forbidden. */
    OFFLINE,
    /** There is no connection, or the hub fails or is busy, also after several attempts. */
    UNREACHABLE,
    /** What arrived is not what was announced: wrong hash or size, or no answer of a hub. */
    BAD_ANSWER,
    /** The cache's files cannot be read or written; for example, the disk is full. */
    CACHE
  }

  /**
   * Creates the exception.
   *
   * @param reason what kind of failure it is
   * @param message one line for the user: what was given, what was expected, what to do
   */
  public HubException(Reason reason, String message) {
    super(message);
    this.reason = Objects.requireNonNull(reason, "reason");
  }

  /**
   * Creates the exception with what led to it.
   *
   * @param reason what kind of failure it is
   * @param message one line for the user: what was given, what was expected, what to do
   * @param cause what led to it
   */
  public HubException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = Objects.requireNonNull(reason, "reason");
  }

  /**
   * What kind of failure it is.
   *
   * @return for those who handle kinds differently
   */
  public Reason reason() {
    return reason;
  }
}
