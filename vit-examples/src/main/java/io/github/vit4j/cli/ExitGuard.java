package io.github.vit4j.cli;

import java.io.PrintWriter;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;

/**
 * Makes a process that code under judgement ends by itself end with a line and exit code 1: an
 * early {@code System.exit(0)} must not look like success. Hooks of the shutdown run as ever, and
 * signals end the process as ever.
 *
 * <p>{@link Runtime#exit} tells the logger {@code java.lang.Runtime} before it does anything. A
 * shutdown hook would not do: one that changes the exit code has to halt, and then what others
 * delete on exit stays.
 */
final class ExitGuard implements AutoCloseable {
  private static final int FAILURE = 1;

  /** Held here because the logging library forgets loggers that nobody holds. */
  private static final Logger EXITS = Logger.getLogger("java.lang.Runtime");

  /** What the JDK names the threads in which signals end the process. */
  private static final Pattern SIGNAL = Pattern.compile("SIG[A-Z0-9]+ handler");

  private final PrintWriter err;
  private volatile String culprit = "a backend";
  private volatile boolean ending;

  private ExitGuard(PrintWriter err) {
    this.err = err;
  }

  /** Guards until closed. */
  static ExitGuard over(PrintWriter err) {
    ExitGuard guard = new ExitGuard(err);
    EXITS.setLevel(Level.FINE);
    EXITS.setFilter(
        entry -> {
          guard.ends();
          return false;
        });
    return guard;
  }

  /** Who is judged from now on. */
  void judging(String name) {
    culprit = name;
  }

  private void ends() {
    if (ending || SIGNAL.matcher(Thread.currentThread().getName()).matches()) {
      return;
    }
    ending = true;
    err.println(
        Failures.oneLine("vit: %s ended the process while it was judged".formatted(culprit)));
    err.flush();
    System.exit(FAILURE);
  }

  @Override
  public void close() {
    EXITS.setFilter(null);
    EXITS.setLevel(null);
  }
}
