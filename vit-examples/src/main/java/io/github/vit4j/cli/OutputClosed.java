package io.github.vit4j.cli;

/**
 * Standard output takes no more: there is nobody left to work for. Carries no message of its own.
 */
final class OutputClosed extends RuntimeException {
  private static final long serialVersionUID = 1L;

  OutputClosed() {
    super("standard output is closed", null, false, false);
  }
}
