package io.github.vit4j.cli;

import io.github.vit4j.error.ImageException;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.error.ViTException;
import io.github.vit4j.image.ImageReader;
import io.github.vit4j.image.RgbImage;
import io.github.vit4j.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Reads images and hands them on in batches; what cannot be read is reported and left out. */
final class ImageBatches {
  /** What is done with a batch. */
  interface Action {
    /** Handles the images of {@code files}, in the same order. */
    void accept(List<ImageSource> files, List<RgbImage> images);
  }

  private final ImageArguments arguments;
  private final Action action;
  private final PrintWriter err;
  private final Progress progress;
  private final ImageReader reader = ImageReader.create();
  private boolean failed;
  private int done;

  private ImageBatches(
      ImageArguments arguments, Action action, PrintWriter err, Progress progress) {
    this.arguments = arguments;
    this.action = action;
    this.err = err;
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
    ImageBatches batches = new ImageBatches(arguments, action, err, progress);
    int size = arguments.batchSize();
    for (int from = 0; from < files.size(); from += size) {
      batches.run(files.subList(from, Math.min(from + size, files.size())), files.size() == 1);
    }
    return batches.failed ? 1 : 0;
  }

  /** The rows that {@link #collect} gathers: one tensor per image that could be read. */
  record Rows(List<String> names, List<Tensor> tensors, int exitCode) {}

  /**
   * Goes through all images and keeps what is computed of each.
   *
   * @param compute makes a tensor of a batch, whose first dimension counts its images
   * @throws ViTException as {@link #forEach}
   */
  static Rows collect(
      ImageArguments arguments,
      PrintWriter err,
      Progress progress,
      List<ImageSource> files,
      Function<List<RgbImage>, Tensor> compute)
      throws IOException {
    List<String> names = new ArrayList<>();
    List<Tensor> tensors = new ArrayList<>();
    int exitCode =
        forEach(
            arguments,
            err,
            progress,
            files,
            (batch, pictures) -> {
              Tensor result = compute.apply(pictures);
              for (int i = 0; i < batch.size(); i++) {
                names.add(batch.get(i).toString());
                tensors.add(result.slice(i));
              }
            });
    return new Rows(names, tensors, exitCode);
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

  private void run(List<ImageSource> files, boolean only) {
    List<ImageSource> readable = new ArrayList<>();
    List<RgbImage> images = new ArrayList<>();
    // On all cores; what fails is reported in order.
    List<Decoded> results = files.parallelStream().map(this::decode).toList();
    for (int i = 0; i < files.size(); i++) {
      switch (results.get(i)) {
        case Decoded.Failed failed -> report(failed.failure(), only);
        case Decoded.Picture picture -> {
          images.add(picture.image());
          readable.add(files.get(i));
        }
      }
    }
    if (!images.isEmpty()) {
      handle(readable, images, only);
    }
    done += files.size();
    progress.stepTo(done);
  }

  private void handle(List<ImageSource> files, List<RgbImage> images, boolean only) {
    try {
      action.accept(files, images);
    } catch (ImageException | InvalidInputException e) {
      if (files.size() == 1) {
        report(e, only);
        return;
      }
      // One image spoils the batch: find out which.
      for (int i = 0; i < files.size(); i++) {
        handle(files.subList(i, i + 1), images.subList(i, i + 1), only);
      }
    }
  }

  private void report(ViTException e, boolean only) {
    if (only || arguments.failFast()) {
      throw e;
    }
    failed = true;
    progress.aside(() -> err.println("vit: " + Failures.describe(e)));
  }
}
