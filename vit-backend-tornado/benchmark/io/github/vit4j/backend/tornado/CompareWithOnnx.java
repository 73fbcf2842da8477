package io.github.vit4j.backend.tornado;

import io.github.vit4j.LoadOptions;
import io.github.vit4j.ViTForImageClassification;
import io.github.vit4j.backend.tornado.kernels.Layout;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.spi.ProcessorCores;
import io.github.vit4j.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/** See {@code compare_with_onnx.sh}. */
final class CompareWithOnnx {
  private static final int WARM_UP = 12;
  private static final int ROUNDS = 15;

  /** What ViT-Tiny/16 and ViT-B/16 are to take in plain Java on two cores, in milliseconds. */
  private static final Map<Integer, Integer> TARGETS = Map.of(192, 250, 768, 1500);

  private CompareWithOnnx() {}

  public static void main(String[] directories) {
    int threads = Integer.getInteger("threads", ProcessorCores.available());
    System.out.printf(
        Locale.ROOT, "Java %s, %d threads%n", Runtime.version(), threads);
    for (String wish : List.of("plain", "vector")) {
      Arithmetic arithmetic = Arithmetics.choose(wish, true);
      System.out.printf(
          Locale.ROOT,
          "matrix product, one thread, %s: %.0f GFLOP/s%n",
          arithmetic.description(),
          gigaflops(arithmetic));
    }
    for (String directory : directories) {
      compare(Path.of(directory), threads);
    }
  }

  private static void compare(Path directory, int threads) {
    ViTConfig config = ViTConfig.fromPretrained(directory);
    Map<String, ViTForImageClassification> models = new LinkedHashMap<>();
    LoadOptions options = LoadOptions.defaults().withThreads(threads);
    models.put("onnx", load(directory, options.withBackend("onnx").withDevice("cpu")));
    for (String wish : List.of("plain", "vector")) {
      System.setProperty(Arithmetics.PROPERTY, wish);
      models.put(
          "jvm " + wish, load(directory, options.withBackend("tornado").withDevice("jvm")));
    }
    Tensor pixels = pixels(config);
    Map<String, List<Double>> times = new LinkedHashMap<>();
    Map<String, Float> first = new LinkedHashMap<>();
    for (int round = -WARM_UP; round < ROUNDS; round++) {
      for (Map.Entry<String, ViTForImageClassification> model : models.entrySet()) {
        long start = System.nanoTime();
        Tensor logits = model.getValue().forward(pixels).logits();
        double milliseconds = (System.nanoTime() - start) / 1e6;
        first.put(model.getKey(), logits.getFloat(0));
        if (round >= 0) {
          times.computeIfAbsent(model.getKey(), key -> new ArrayList<>()).add(milliseconds);
        }
      }
    }
    System.out.println(directory.getFileName() + ", one image");
    double onnx = median(times.get("onnx"));
    int target = TARGETS.getOrDefault(config.hiddenSize(), 0);
    times.forEach(
        (name, list) ->
            System.out.printf(
                Locale.ROOT,
                "  %-11s %8.1f ms  %5.2f x onnx  logit %.5f%s%n",
                name,
                median(list),
                median(list) / onnx,
                first.get(name),
                target == 0 || name.equals("onnx")
                    ? ""
                    : "  target %d ms %s"
                        .formatted(target, median(list) < target ? "MET" : "MISSED")));
    models.values().forEach(ViTForImageClassification::close);
  }

  private static ViTForImageClassification load(Path directory, LoadOptions options) {
    ViTForImageClassification model = ViTForImageClassification.fromPretrained(directory, options);
    System.out.println("  " + model.info());
    return model;
  }

  private static Tensor pixels(ViTConfig config) {
    Random random = new Random(0);
    int height = config.imageSize().height();
    int width = config.imageSize().width();
    float[] values = new float[config.numChannels() * height * width];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat(-1, 1);
    }
    return Tensor.of(values, 1, config.numChannels(), height, width);
  }

  /** The product of 200 rows with the first layer of the MLP of ViT-B/16. */
  private static double gigaflops(Arithmetic arithmetic) {
    int rows = 200;
    int inner = 768;
    int outputs = 3072;
    float[] x = new float[rows * inner];
    float[] panels = new float[inner * outputs];
    float[] tile = new float[Arithmetic.TILE];
    Arrays.fill(x, 1.5f);
    Arrays.fill(panels, 0.5f);
    double best = 0;
    for (int round = 0; round < 30; round++) {
      long start = System.nanoTime();
      for (int panel = 0; panel < outputs / Layout.PANEL; panel++) {
        for (int row = 0; row < rows; row += Layout.ROWS) {
          arithmetic.product(
              x, row * inner, inner, panels, panel * inner * Layout.PANEL, inner, tile);
        }
      }
      best = Math.max(best, 2.0 * rows * inner * outputs / (System.nanoTime() - start));
    }
    return best;
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }
}
