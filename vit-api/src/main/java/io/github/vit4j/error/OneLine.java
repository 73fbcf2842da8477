package io.github.vit4j.error;

/**
 * Text from outside as one line that is safe to print: what a backend or a file says of itself may
 * hold line breaks, terminal sequences, or characters that reverse the order of what follows.
 */
public final class OneLine {
  private static final int MAX_LENGTH = 2_000;
  private static final int REASON_LENGTH = 400;

  private OneLine() {}

  /**
   * {@return the text with one space for line breaks and other control characters, without those
   * that change the direction of writing, and cut after 2,000 characters}
   *
   * @param text from outside, of any length
   */
  public static String of(String text) {
    return of(text, MAX_LENGTH);
  }

  /**
   * {@return the text as {@link #of(String)} makes it, cut after {@code maximum} characters}
   *
   * @param text from outside, of any length
   * @param maximum how many characters may stand before the {@code ...} that marks a cut; at least
   *     1
   */
  public static String of(String text, int maximum) {
    StringBuilder line = new StringBuilder();
    boolean space = false;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (isDirection(c)) {
        continue;
      }
      if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
        space = true;
        continue;
      }
      if (space && !line.isEmpty()) {
        line.append(' ');
      }
      space = false;
      line.appendCodePoint(c);
      if (line.length() >= maximum) {
        return line.append(" ...").toString();
      }
    }
    return line.toString();
  }

  /**
   * {@return what a failure says, as {@link #of(String)} makes it, or its class where it says
   * nothing or fails when asked}
   *
   * @param failure any, foreign ones too
   */
  public static String of(Throwable failure) {
    String text;
    try {
      text = failure.getMessage();
    } catch (RuntimeException | LinkageError | AssertionError e) {
      text = null; // not ours: its class has to do
    }
    String line = text == null ? "" : of(text);
    return line.isBlank() ? failure.getClass().getName() : line;
  }

  /**
   * {@return what a failure says, or what lies at its bottom where it says nothing, cut after 400
   * characters: for a part of another message}
   *
   * @param failure the failure to explain; its causes are looked through
   */
  public static String reason(Throwable failure) {
    return reason(failure, REASON_LENGTH);
  }

  /**
   * {@return the reason as {@link #reason(Throwable)} finds it, cut after {@code maximum}
   * characters}
   *
   * @param failure the failure to explain; its causes are looked through
   * @param maximum how many characters may stand before the {@code ...} that marks a cut; at least
   *     1
   */
  public static String reason(Throwable failure, int maximum) {
    Throwable cause = failure;
    while ((cause instanceof ExceptionInInitializerError || cause.getMessage() == null)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = cause.getMessage();
    return message == null
        ? cause.getClass().getSimpleName()
        : of(message.replaceAll("\\s+", " ").strip(), maximum);
  }

  /** Embeddings, overrides and isolates of the bidirectional algorithm. */
  private static boolean isDirection(int c) {
    return (c >= '\u202A' && c <= '\u202E') || (c >= '\u2066' && c <= '\u2069');
  }
}
