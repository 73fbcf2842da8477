package io.github.vit4j.backend.djl;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.ModelSource;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.Checkpoint;
import io.github.vit4j.weights.ModelWeights;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Runs a classifier on request, line by line, so that another program can take turns with it.
 * Started by {@code benchmark/compare_with_transformers.py}.
 *
 * <p>{@code open PRECISION} answers {@code SECONDS KB_BEFORE KB_AFTER} of resident anonymous
 * memory, which a mapped file is not; {@code run PRECISION IMAGES} answers the seconds taken;
 * {@code logits PRECISION IMAGES} the logits; {@code soak PRECISION RUNS RELOADS} answers the
 * kilobytes before, after the runs and after the reloads. Pixels are those of the file {@code
 * IMAGES.raw}.
 */
final class BenchmarkServer {
  private final ModelDefinition model;
  private final int threads;
  private final Path scratch;
  private final Map<String, ViTSession> sessions = new HashMap<>();
  private final Map<String, ViTInputs> inputs = new HashMap<>();

  private BenchmarkServer(Path directory, int threads, Path scratch) {
    ViTConfig config = ViTConfig.fromPretrained(directory);
    Architecture architecture = Architecture.VIT_FOR_IMAGE_CLASSIFICATION;
    this.model =
        new ModelDefinition(
            config,
            architecture,
            new ModelSource.Weights(
                ModelWeights.resolve(
                    Checkpoint.open(directory),
                    config,
                    architecture,
                    Optional.empty(),
                    OptionalLong.empty())));
    this.threads = threads;
    this.scratch = scratch;
  }

  /** Arguments: model directory, threads, directory of the pixels. */
  public static void main(String[] arguments) throws IOException {
    BenchmarkServer server =
        new BenchmarkServer(
            Path.of(arguments[0]), Integer.parseInt(arguments[1]), Path.of(arguments[2]));
    TorchLibrary.engine();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      System.out.println(server.answer(line.split(" ", -1)));
    }
    server.sessions.values().forEach(ViTSession::close);
  }

  private String answer(String[] words) throws IOException {
    return switch (words[0]) {
      case "open" -> {
        long before = anonymous();
        long start = System.nanoTime();
        sessions.put(words[1], open(words[1]));
        yield "%.4f %d %d".formatted(seconds(start), before, anonymous());
      }
      case "run" -> {
        ViTSession session = Objects.requireNonNull(sessions.get(words[1]));
        ViTInputs given = inputs(words[2]);
        long start = System.nanoTime();
        session.run(given);
        yield "%.6f".formatted(seconds(start));
      }
      case "logits" -> {
        ViTSession session = Objects.requireNonNull(sessions.get(words[1]));
        Tensor logits = Objects.requireNonNull(session.run(inputs(words[2])).logits());
        yield Arrays.stream(logits.toDoubleArray())
            .mapToObj(Double::toString)
            .collect(Collectors.joining(" "));
      }
      case "soak" -> soak(words[1], Integer.parseInt(words[2]), Integer.parseInt(words[3]));
      default -> throw new IllegalArgumentException(words[0]);
    };
  }

  private ViTSession open(String precision) {
    return new DjlBackendProvider()
        .open(model, new SessionOptions("cpu", Precision.ofName(precision), threads, false));
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private ViTInputs inputs(String images) throws IOException {
    ViTInputs known = inputs.get(images);
    if (known != null) {
      return known;
    }
    ViTConfig config = model.config();
    Tensor pixels =
        Tensor.allocate(
            ElementType.FLOAT32,
            Long.parseLong(images),
            config.numChannels(),
            config.imageSize().height(),
            config.imageSize().width());
    pixels
        .data()
        .copyFrom(MemorySegment.ofArray(Files.readAllBytes(scratch.resolve(images + ".raw"))));
    ViTInputs made = new ViTInputs(pixels, null, false, Set.of(Output.LOGITS));
    inputs.put(images, made);
    return made;
  }

  private String soak(String precision, int runs, int reloads) throws IOException {
    ViTInputs given = inputs("1");
    ViTSession session = Objects.requireNonNull(sessions.get(precision));
    for (int i = 0; i < runs / 10; i++) {
      session.run(given);
    }
    long before = anonymous();
    for (int i = 0; i < runs; i++) {
      session.run(given);
    }
    long afterRuns = anonymous();
    long warm = afterRuns;
    for (int i = 0; i < 2 * reloads; i++) {
      try (ViTSession other = open(precision)) {
        other.run(given);
      }
      if (i == reloads - 1) { // the first ones fill the pools of the JVM and of malloc
        warm = anonymous();
      }
    }
    return before + " " + afterRuns + " " + warm + " " + anonymous();
  }

  /** Kilobytes of resident memory that no file backs, after a collection. */
  private static long anonymous() throws IOException {
    System.gc();
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("RssAnon:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .sum();
  }
}
