package io.github.vit4j.cli;

import io.github.vit4j.error.ImageException;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.error.ViTException;
import io.github.vit4j.image.ImageReader;
import io.github.vit4j.image.RgbImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Reads images and hands them on in batches; what cannot be read is reported and left out. */
final class ImageBatches {
  /** What is done with a batch. */
  interface Action {
    /** Handles the images of {@code files}, in the same order. */
    void accept(List<ImageSource> files, List<RgbImage> images);
  }

  private final Action action;
  private final ImageResults results;
  private final Progress progress;
  private final ImageReader reader = ImageReader.create();
  private int done;

  private ImageBatches(Action action, ImageResults results, Progress progress) {
    this.action = action;
    this.results = results;
    this.progress = progress;
  }

  /**
   * Goes through all images.
   *
   * @return the exit code: 1 if an image failed
   * @throws ViTException if the only image, or with {@code --fail-fast} any image, cannot be read,
   *     or if {@code action} fails for another reason than an image
   */
  static int forEach(
      ImageArguments arguments,
      PrintWriter err,
      Progress progress,
      List<ImageSource> files,
      Action action)
      throws IOException {
    ImageResults results = new ImageResults(arguments.stopAtFirst(files), err, progress);
    ImageBatches batches = new ImageBatches(action, results, progress);
    int size = arguments.batchSize();
    for (int from = 0; from < files.size(); from += size) {
      batches.run(files.subList(from, Math.min(from + size, files.size())));
    }
    return results.exitCode();
  }

  private sealed interface Decoded {
    record Picture(RgbImage image) implements Decoded {}

    record Failed(ImageException failure) implements Decoded {}
  }

  private Decoded decode(ImageSource file) {
    try {
      return new Decoded.Picture(file.read(reader));
    } catch (ImageException e) {
      return new Decoded.Failed(e);
    }
  }

  private void run(List<ImageSource> files) {
    List<ImageSource> readable = new ArrayList<>();
    List<RgbImage> images = new ArrayList<>();
    // On all cores; what fails is reported in order.
    List<Decoded> decoded = files.parallelStream().map(this::decode).toList();
    for (int i = 0; i < files.size(); i++) {
      switch (decoded.get(i)) {
        case Decoded.Failed failed -> results.report(failed.failure());
        case Decoded.Picture picture -> {
          images.add(picture.image());
          readable.add(files.get(i));
        }
      }
    }
    if (!images.isEmpty()) {
      handle(readable, images);
    }
    done += files.size();
    progress.stepTo(done);
  }

  private void handle(List<ImageSource> files, List<RgbImage> images) {
    try {
      action.accept(files, images);
    } catch (ImageException | InvalidInputException e) {
      if (files.size() == 1) {
        results.report(e);
        return;
      }
      // One image spoils the batch: find out which.
      for (int i = 0; i < files.size(); i++) {
        handle(files.subList(i, i + 1), images.subList(i, i + 1));
      }
    }
  }
}
