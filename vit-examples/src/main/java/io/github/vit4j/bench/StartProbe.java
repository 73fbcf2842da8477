package io.github.vit4j.bench;

import io.github.vit4j.LoadOptions;
import io.github.vit4j.ViTForImageClassification;
import io.github.vit4j.config.Json;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.OneLine;
import io.github.vit4j.hub.ModelFiles;
import io.github.vit4j.runtime.BackendRegistry;
import io.github.vit4j.runtime.BackendRequest;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.time.Duration;
import java.time.Instant;

/**
 * Loads a classifier in a process of its own, runs it once and prints what that took as JSON:
 * seconds to load, to the first logits, and since the process started; resident bytes before
 * loading, with the engine's libraries, and after the first logits.
 */
public final class StartProbe {
  private StartProbe() {}

  /** Arguments: model, backend, device, precision, threads. */
  public static void main(String[] arguments) {
    try {
      System.out.println(
          measure(
              arguments[0],
              LoadOptions.defaults()
                  .withBackend(arguments[1])
                  .withDevice(arguments[2])
                  .withPrecision(Precision.ofName(arguments[3]))
                  .withThreads(Integer.parseInt(arguments[4]))));
      System.exit(0);
    } catch (RuntimeException | Error e) {
      System.err.println(OneLine.of(e));
      System.exit(1);
    }
  }

  private static String measure(String name, LoadOptions options) {
    // Asking what is available loads the engine's libraries, which are not part of the model.
    BackendRegistry.installed()
        .choose(new BackendRequest(options.backend(), options.device(), options.precision()));
    long before = ProcessMemory.resident().orElse(0);
    long start = System.nanoTime();
    ModelFiles files = ModelFiles.resolve(name);
    try (ViTForImageClassification model =
        ViTForImageClassification.fromPretrained(files, options)) {
      double load = (System.nanoTime() - start) / 1e9;
      ViTConfig config = model.config();
      model.forward(
          Tensor.allocate(
              ElementType.FLOAT32,
              1,
              config.numChannels(),
              config.imageSize().height(),
              config.imageSize().width()));
      double first = (System.nanoTime() - start) / 1e9;
      Duration process =
          ProcessHandle.current()
              .info()
              .startInstant()
              .map(begun -> Duration.between(begun, Instant.now()))
              .orElse(Duration.ZERO);
      return Json.toString(
          Json.object()
              .put("load", load)
              .put("first", first)
              .put("process", process.toNanos() / 1e9)
              .put("residentBefore", before)
              .put("residentAfter", ProcessMemory.resident().orElse(0)));
    }
  }
}
