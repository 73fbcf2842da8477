package io.github.vit4j.backend.djl;

/** Messages of others on one line. */
final class OneLine {
  private static final int MAX_LENGTH = 400;

  private OneLine() {}

  /** What {@code e} says, or what lies at its bottom when it says nothing, shortened. */
  static String reason(Throwable e) {
    return shortened(whole(e));
  }

  /** What {@code e} says, or what lies at its bottom when it says nothing. */
  static String whole(Throwable e) {
    Throwable cause = e;
    while ((cause instanceof ExceptionInInitializerError || cause.getMessage() == null)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = cause.getMessage();
    return message == null
        ? cause.getClass().getSimpleName()
        : message.replaceAll("\\s+", " ").strip();
  }

  /** {@code line}, cut where it is too long to be read. */
  static String shortened(String line) {
    return line.length() <= MAX_LENGTH ? line : line.substring(0, MAX_LENGTH) + "...";
  }
}
