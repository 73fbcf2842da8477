package io.github.vit4j.backend.onnx;

import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Prints how long a model takes to load and how much memory it takes. Linux only. */
final class LoadFigures {
  private LoadFigures() {}

  /** Arguments: model directory, threads, precision (float32 unless given). */
  public static void main(String[] arguments) throws IOException {
    OnnxBackendProvider provider = new OnnxBackendProvider();
    System.out.println(provider.availability());
    Path directory = Path.of(arguments[0]);
    ViTConfig config = ViTConfig.fromPretrained(directory);
    ViTInputs one = ExportComparison.inputs(config, 1);
    ViTInputs eight = ExportComparison.inputs(config, 8);
    print("bare JVM and runtime");
    long start = System.nanoTime();
    ModelDefinition model = ExportComparison.weights(directory, config);
    SessionOptions options =
        new SessionOptions(
            "cpu",
            Precision.ofName(arguments.length < 3 ? "float32" : arguments[2]),
            Integer.parseInt(arguments[1]),
            false);
    try (ViTSession session = provider.open(model, options)) {
      System.out.printf("opened after %.0f ms%n", (System.nanoTime() - start) / 1e6);
      print("opened");
      session.run(one);
      System.out.printf("first logits after %.0f ms%n", (System.nanoTime() - start) / 1e6);
      print("first logits");
      for (int i = 0; i < 5; i++) {
        session.run(one);
      }
      print("six runs of 1");
      session.run(eight);
      print("a run of 8");
      for (Set<Output> outputs :
          List.of(
              EnumSet.of(Output.LAST_HIDDEN_STATE),
              EnumSet.of(Output.HIDDEN_STATES, Output.ATTENTIONS))) {
        ViTInputs other = new ViTInputs(one.pixelValues(), null, false, outputs);
        session.run(other);
        print("another graph, " + outputs);
        start = System.nanoTime();
        session.run(other);
        System.out.printf("which takes %.0f ms%n", (System.nanoTime() - start) / 1e6);
      }
    }
    print("closed");
  }

  private static void print(String what) throws IOException {
    System.out.println(
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.matches("(VmHWM|VmRSS|RssAnon|RssFile):.*"))
            .map(line -> line.replaceAll("\\s+", " "))
            .collect(Collectors.joining(", ", what + ": ", "")));
  }
}
