package io.github.vit4j.backend.tornado;

import io.github.vit4j.error.BackendException;

/** A device does not give the memory for a pass; there may be enough once others are closed. */
final class DeviceMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  @SuppressWarnings("serial") // never written anywhere
  private final BackendException forCallers;

  /**
   * Creates the exception.
   *
   * @param forCallers says how much memory to allow
   */
  DeviceMemoryException(BackendException forCallers) {
    super(forCallers);
    this.forCallers = forCallers;
  }

  /** What those who use a session are to see, if nothing can be closed. */
  BackendException forCallers() {
    return forCallers;
  }
}
