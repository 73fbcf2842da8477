package io.github.vit4j.cli;

import java.io.PrintWriter;
import java.time.Duration;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A progress bar on standard error, when that is a terminal and there are several things to do. */
final class Progress implements AutoCloseable {
  private static final int WIDTH = 79;
  private static final String CLEAR_LINE = "\r\u001b[K";

  private final PrintWriter err;
  private final @Nullable ProgressBar bar;
  private final Object line = new Object();

  private Progress(
      PrintWriter err, String things, long steps, String unit, long unitSize, boolean shown) {
    this.err = err;
    this.bar =
        shown
            ? new ProgressBarBuilder()
                .setTaskName(things)
                .setInitialMax(steps)
                .setUnit(unit, unitSize)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis((int) Duration.ofMillis(200).toMillis())
                .setConsumer(new DelegatingProgressBarConsumer(this::draw, WIDTH))
                .build()
            : null;
  }

  /** For {@code steps} images; the launcher says whether standard error is a terminal. */
  static Progress of(PrintWriter err, int steps) {
    return of(err, "images", steps);
  }

  /** For {@code steps} of those things. */
  static Progress of(PrintWriter err, String things, int steps) {
    return new Progress(err, things, steps, "", 1, steps > 1 && isTerminal());
  }

  /** For so many bytes, shown as MiB. */
  static Progress ofBytes(PrintWriter err, String things, long bytes) {
    return new Progress(err, things, bytes, " MiB", 1 << 20, isTerminal());
  }

  /** Says what is done now, on standard error when that is a terminal. */
  static void line(PrintWriter err, String text) {
    if (isTerminal()) {
      err.println(Failures.oneLine("vit: " + text));
    }
  }

  private static boolean isTerminal() {
    return Boolean.getBoolean("vit4j.stderr.terminal");
  }

  private void draw(String text) {
    synchronized (line) {
      err.print("\r" + text);
      err.flush();
    }
  }

  /** So many steps are done. */
  void stepTo(long step) {
    if (bar != null) {
      bar.stepTo(step);
    }
  }

  /** There are more steps than was known. */
  void setSteps(long steps) {
    if (bar != null) {
      bar.maxHint(steps);
    }
  }

  /** Prints something else, out of the way of the bar. */
  void aside(Runnable print) {
    synchronized (line) {
      if (bar != null) {
        err.print(CLEAR_LINE);
        err.flush();
      }
      print.run();
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      aside(() -> {});
    }
  }
}
