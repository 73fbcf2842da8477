package io.github.vit4j.backend.onnx;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.conformance.TensorDifference;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.ModelSource;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.Checkpoint;
import io.github.vit4j.weights.ModelWeights;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;

/**
 * Times the graph that is built here against one that torch exported from the same checkpoint, in
 * turns, on the same ONNX Runtime. Started by {@code benchmark/compare_with_torch_export.py}.
 */
final class ExportComparison {
  private ExportComparison() {}

  /**
   * Arguments: model directory, exported graph, threads, seconds per batch size. Status 1 if slow.
   */
  public static void main(String[] arguments) {
    Path directory = Path.of(arguments[0]);
    Path export = Path.of(arguments[1]);
    int threads = Integer.parseInt(arguments[2]);
    double seconds = Double.parseDouble(arguments[3]);
    SessionOptions options = new SessionOptions("cpu", Precision.FP32, threads, false);
    ViTConfig config = ViTConfig.fromPretrained(directory);
    OnnxBackendProvider provider = new OnnxBackendProvider();
    try (ViTSession ours = provider.open(weights(directory, config), options);
        ViTSession theirs = provider.open(exported(export, config), options)) {
      System.out.println(ours.info());
      boolean met = compare(config, ours, theirs, 1, 0.97, seconds);
      met &= compare(config, ours, theirs, 8, 0.90, seconds);
      if (!met) {
        System.exit(1);
      }
    }
  }

  static ModelDefinition weights(Path directory, ViTConfig config) {
    Architecture architecture = Architecture.VIT_FOR_IMAGE_CLASSIFICATION;
    return new ModelDefinition(
        config,
        architecture,
        new ModelSource.Weights(
            ModelWeights.resolve(
                Checkpoint.open(directory),
                config,
                architecture,
                Optional.empty(),
                OptionalLong.empty())));
  }

  private static ModelDefinition exported(Path file, ViTConfig config) {
    return new ModelDefinition(
        config, Architecture.VIT_FOR_IMAGE_CLASSIFICATION, new ModelSource.ExportedOnnx(file));
  }

  static ViTInputs inputs(ViTConfig config, int images) {
    int height = config.imageSize().height();
    int width = config.imageSize().width();
    float[] pixels = new float[images * config.numChannels() * height * width];
    Random random = new Random(1);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    return new ViTInputs(
        Tensor.of(pixels, images, config.numChannels(), height, width),
        null,
        false,
        Set.of(Output.LOGITS));
  }

  private static boolean compare(
      ViTConfig config,
      ViTSession ours,
      ViTSession theirs,
      int images,
      double target,
      double seconds) {
    ViTInputs inputs = inputs(config, images);
    Tensor expected = Objects.requireNonNull(theirs.run(inputs).logits());
    Tensor actual = Objects.requireNonNull(ours.run(inputs).logits());
    double error = TensorDifference.between(actual, expected).relativeError();
    for (int i = 0; i < 2; i++) {
      time(ours, inputs);
      time(theirs, inputs);
    }
    int rounds = (int) Math.max(9, seconds / (time(ours, inputs) + time(theirs, inputs)));
    double[] a = new double[rounds];
    double[] b = new double[rounds];
    double[] ratios = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      a[i] = time(ours, inputs);
      b[i] = time(theirs, inputs);
      ratios[i] = a[i] / b[i];
    }
    // Of neighbours, so that a load on the machine that comes and goes falls on both.
    double ratio = median(ratios);
    System.out.printf(
        "batch %d: built %.1f ms, exported %.1f ms, ratio %.3f, target %.2f: %s; %d rounds, outputs agree to %.1e%n",
        images,
        median(a) * 1e3,
        median(b) * 1e3,
        ratio,
        target,
        ratio <= target ? "met" : "MISSED",
        rounds,
        error);
    return ratio <= target;
  }

  private static double time(ViTSession session, ViTInputs inputs) {
    long start = System.nanoTime();
    session.run(inputs);
    return (System.nanoTime() - start) / 1e9;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }
}
