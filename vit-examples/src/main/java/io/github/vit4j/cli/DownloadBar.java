package io.github.vit4j.cli;

import io.github.vit4j.hub.DownloadListener;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One progress bar for all files that are downloaded at the same time. Thread-safe. */
final class DownloadBar implements DownloadListener, AutoCloseable {
  /** Less is there before anybody could read the bar. */
  private static final long WORTH_SHOWING = 1 << 20;

  private final PrintWriter err;
  private final Map<String, Long> bytesByFile = new HashMap<>();
  private final Map<String, Long> totalByFile = new HashMap<>();
  private @Nullable Progress bar;

  DownloadBar(PrintWriter err) {
    this.err = err;
  }

  @Override
  public synchronized void progress(String file, long bytes, long total) {
    bytesByFile.put(file, bytes);
    totalByFile.put(file, Math.max(bytes, total));
    long all = sum(totalByFile);
    long done = sum(bytesByFile);
    if (bar == null && all >= WORTH_SHOWING) {
      bar = Progress.ofBytes(err, "download", all);
    }
    if (bar != null) {
      bar.setSteps(all);
      bar.stepTo(done);
    }
    if (done == all && total >= 0) {
      close();
    }
  }

  private static long sum(Map<String, Long> values) {
    return values.values().stream().mapToLong(Long::longValue).sum();
  }

  @Override
  public synchronized void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
    bytesByFile.clear();
    totalByFile.clear();
  }
}
