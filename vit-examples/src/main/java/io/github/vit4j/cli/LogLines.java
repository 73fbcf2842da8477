package io.github.vit4j.cli;

import java.io.PrintWriter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** Shows warnings of the libraries as one line each, and nothing else of what they log. */
final class LogLines extends Handler {
  private final PrintWriter err;
  private final SimpleFormatter formatter = new SimpleFormatter();

  private LogLines(PrintWriter err) {
    this.err = err;
  }

  /** Takes over the logging of the whole process. */
  static void install(PrintWriter err) {
    LogManager.getLogManager().reset();
    Logger root = Logger.getLogger("");
    root.setLevel(Level.WARNING);
    root.addHandler(new LogLines(err));
  }

  @Override
  public void publish(LogRecord entry) {
    if (isLoggable(entry)) {
      err.println("vit: warning: " + Failures.oneLine(formatter.formatMessage(entry)));
    }
  }

  @Override
  public void flush() {
    err.flush();
  }

  @Override
  public void close() {
    err.flush();
  }
}
