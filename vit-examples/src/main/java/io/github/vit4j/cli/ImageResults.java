package io.github.vit4j.cli;

import io.github.vit4j.error.ViTException;
import io.github.vit4j.pipeline.ImageResult;
import java.io.PrintWriter;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/** Takes the results of images as they come; what could not be read is reported and left out. */
final class ImageResults {
  private final boolean stopAtFirst;
  private final PrintWriter err;
  private final Progress progress;
  private boolean failed;
  private int done;

  /**
   * Takes results.
   *
   * @param stopAtFirst whether an image that cannot be read is the end: where it is the only one,
   *     or as {@code --fail-fast} says
   */
  ImageResults(boolean stopAtFirst, PrintWriter err, Progress progress) {
    this.stopAtFirst = stopAtFirst;
    this.err = err;
    this.progress = progress;
  }

  /**
   * Goes through all results, in order.
   *
   * @param action is handed each image that could be read, and what was computed of it
   * @return the exit code: 1 if an image failed
   * @throws ViTException if an image failed that is the end, or if the engine fails
   */
  <S, T> int forEach(Stream<ImageResult<S, T>> results, BiConsumer<S, T> action) {
    results.forEach(
        result -> {
          ViTException error = result.error();
          if (error == null) {
            action.accept(result.source(), result.valueOrThrow());
          } else {
            report(error);
          }
          progress.stepTo(++done);
        });
    return exitCode();
  }

  /** Reports an image that could not be read, or throws if that is the end. */
  void report(ViTException error) {
    if (stopAtFirst) {
      throw error;
    }
    failed = true;
    progress.aside(() -> err.println("vit: " + Failures.describe(error)));
  }

  int exitCode() {
    return failed ? 1 : 0;
  }
}
