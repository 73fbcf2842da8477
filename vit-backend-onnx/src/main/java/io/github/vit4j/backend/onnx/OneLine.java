package io.github.vit4j.backend.onnx;

/** Messages of others on one line. */
final class OneLine {
  private static final int MAX_LENGTH = 400;

  private OneLine() {}

  /** What {@code e} says, or what lies at its bottom when it says nothing. */
  static String reason(Throwable e) {
    Throwable cause = e;
    while ((cause instanceof ExceptionInInitializerError || cause.getMessage() == null)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = cause.getMessage();
    if (message == null) {
      return cause.getClass().getSimpleName();
    }
    String line = message.replaceAll("\\s+", " ").strip();
    return line.length() <= MAX_LENGTH ? line : line.substring(0, MAX_LENGTH) + "...";
  }
}
