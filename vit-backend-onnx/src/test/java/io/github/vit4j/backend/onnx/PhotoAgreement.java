package io.github.vit4j.backend.onnx;

import io.github.vit4j.LoadOptions;
import io.github.vit4j.ViTForImageClassification;
import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.conformance.PrecisionAgreement;
import io.github.vit4j.image.ImageReader;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Counts how often a classifier is right in float32 and in int8, and how often the two agree.
 * Started by {@code benchmark/compare_precisions.py}.
 */
final class PhotoAgreement {
  private static final int BATCH = 8;

  private PhotoAgreement() {}

  /**
   * Arguments: model directory, folder of photos, threads. Where there are as many photos as
   * labels, they are taken to show one label each, in order of their names.
   */
  public static void main(String[] arguments) throws IOException {
    Path directory = Path.of(arguments[0]);
    LoadOptions options =
        LoadOptions.defaults().withBackend("onnx").withThreads(Integer.parseInt(arguments[2]));
    ViTImageProcessor processor = ViTImageProcessor.fromPretrained(directory);
    List<Path> photos;
    try (Stream<Path> files = Files.list(Path.of(arguments[1]))) {
      photos = files.filter(f -> f.toString().matches("(?i).*[.](jpe?g|png)")).sorted().toList();
    }
    try (var expected = ViTForImageClassification.fromPretrained(directory, options);
        var actual =
            ViTForImageClassification.fromPretrained(
                directory, options.withPrecision(Precision.INT8))) {
      int labels = expected.config().numLabels();
      float[][] logits = new float[2][photos.size() * labels];
      for (int from = 0; from < photos.size(); from += BATCH) {
        try (Arena arena = Arena.ofShared()) {
          Tensor pixels =
              processor.preprocessFiles(
                  arena,
                  ImageReader.create(),
                  photos.subList(from, Math.min(from + BATCH, photos.size())));
          float[] a = expected.forward(pixels).logits().toFloatArray();
          float[] b = actual.forward(pixels).logits().toFloatArray();
          System.arraycopy(a, 0, logits[0], from * labels, a.length);
          System.arraycopy(b, 0, logits[1], from * labels, b.length);
        }
      }
      PrecisionAgreement agreement = PrecisionAgreement.between(logits[0], logits[1], labels);
      System.out.printf("int8 against float32: %s (%.1f %%)%n", agreement, 100 * agreement.share());
      if (photos.size() == labels) {
        for (int p = 0; p < 2; p++) {
          System.out.printf(
              "%s: top-1 %.1f %%, top-5 %.1f %%%n",
              p == 0 ? "float32" : "int8",
              100 * right(logits[p], labels, 1),
              100 * right(logits[p], labels, 5));
        }
      }
      if (!agreement.isEnough(Precision.INT8)) {
        System.exit(1);
      }
    }
  }

  private static double right(float[] logits, int labels, int among) {
    int right = 0;
    for (int i = 0; i < labels; i++) {
      float[] row = Arrays.copyOfRange(logits, i * labels, (i + 1) * labels);
      float own = row[i];
      int better = 0;
      for (float other : row) {
        better += other > own ? 1 : 0;
      }
      right += better < among ? 1 : 0;
    }
    return (double) right / labels;
  }
}
