package io.github.vit4j.weights;

import java.util.List;
import java.util.stream.Collectors;

/** Puts names that come from files into one-line messages. */
final class Messages {
  private static final int MAX_NAME = 120;
  private static final int MAX_LISTED = 5;

  private Messages() {}

  /** In quotes, without control characters and not longer than a line bears. */
  static String quote(String name) {
    StringBuilder shown = new StringBuilder("'");
    for (int i = 0; i < name.length(); i += Character.charCount(name.codePointAt(i))) {
      if (shown.length() > MAX_NAME) {
        shown.append("...");
        break;
      }
      int c = name.codePointAt(i);
      if (Character.isISOControl(c) || c == 0x2028 || c == 0x2029) {
        shown.append("\\u%04x".formatted(c));
      } else {
        shown.appendCodePoint(c);
      }
    }
    return shown.append('\'').toString();
  }

  /** The first five, and how many more there are. */
  static String list(List<String> names) {
    String shown = names.stream().limit(MAX_LISTED).collect(Collectors.joining(", "));
    int more = names.size() - MAX_LISTED;
    return more > 0 ? shown + " and " + more + " more" : shown;
  }
}
