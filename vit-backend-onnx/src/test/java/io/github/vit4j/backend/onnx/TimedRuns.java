package io.github.vit4j.backend.onnx;

import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTSession;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Runs a model when it is told to, so that somebody else can run another in turns with it. Started
 * by {@code benchmark/compare_precisions.py}.
 */
final class TimedRuns {
  private TimedRuns() {}

  /**
   * Arguments: model directory, threads. Every line of standard input, a precision and a number of
   * images, is one run; its answer is a line with the milliseconds.
   */
  public static void main(String[] arguments) throws IOException {
    Path directory = Path.of(arguments[0]);
    ViTConfig config = ViTConfig.fromPretrained(directory);
    OnnxBackendProvider provider = new OnnxBackendProvider();
    Map<String, ViTSession> sessions = new HashMap<>();
    Map<String, ViTInputs> inputs = new HashMap<>();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ", -1);
      ViTSession session =
          sessions.computeIfAbsent(
              words[0],
              precision ->
                  provider.open(
                      ExportComparison.weights(directory, config),
                      new SessionOptions(
                          "cpu",
                          Precision.ofName(precision),
                          Integer.parseInt(arguments[1]),
                          false)));
      ViTInputs images =
          inputs.computeIfAbsent(
              words[1], count -> ExportComparison.inputs(config, Integer.parseInt(count)));
      long start = System.nanoTime();
      session.run(images);
      System.out.println(String.format(Locale.ROOT, "%.3f", (System.nanoTime() - start) / 1e6));
      System.out.flush();
    }
    sessions.values().forEach(ViTSession::close);
  }
}
