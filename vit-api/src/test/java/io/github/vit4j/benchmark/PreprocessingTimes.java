package io.github.vit4j.benchmark;

import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.image.ImageReader;
import io.github.vit4j.image.Resampler;
import io.github.vit4j.image.Resampling;
import io.github.vit4j.image.RgbImage;
import io.github.vit4j.tensor.Tensor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;

/**
 * The Java side of {@code vit-api/benchmark/compare_with_huggingface.py}: does once what a line of
 * standard input says and answers with the nanoseconds that it took.
 */
public final class PreprocessingTimes {
  private static final int SIDE = 224;
  private static final int BATCH = 8;

  private final Map<String, RgbImage> decoded = new HashMap<>();
  private final ImageReader reader = ImageReader.create();
  private final ViTImageProcessor processor = ViTImageProcessor.builder().build();

  private final boolean cpuTime;

  private PreprocessingTimes(boolean cpuTime) {
    this.cpuTime = cpuTime;
  }

  /**
   * Answers until the input ends.
   *
   * @param args {@code cpu} for the time of the processor instead of the clock
   */
  public static void main(String[] args) throws IOException {
    PreprocessingTimes times = new PreprocessingTimes(List.of(args).contains("cpu"));
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ", 2);
      System.out.println(times.run(words[0], words[1]));
    }
  }

  private long run(String task, String file) {
    RgbImage image = decoded.computeIfAbsent(file, name -> reader.read(Path.of(name)));
    // The time of one thread says nothing about several.
    boolean several = task.startsWith("files") || task.startsWith("busy");
    long start = several ? System.nanoTime() : now();
    int used =
        switch (task) {
          case "decode" -> reader.read(Path.of(file)).height();
          case "bilinear" -> Resampler.resize(image, SIDE, SIDE, Resampling.BILINEAR).height();
          case "bicubic" -> Resampler.resize(image, SIDE, SIDE, Resampling.BICUBIC).height();
          case "whole" -> whole(file);
          case "files1" -> files(file, 1);
          case "files2" -> files(file, 2);
          case "busy1" -> busy(1);
          case "busy2" -> busy(2);
          default -> throw new IllegalArgumentException(task);
        };
    long nanoseconds = (several ? System.nanoTime() : now()) - start;
    return used == 0 ? 0 : nanoseconds;
  }

  private long now() {
    return cpuTime
        ? ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime()
        : System.nanoTime();
  }

  private int whole(String file) {
    try (Arena arena = Arena.ofConfined()) {
      Tensor pixelValues = processor.preprocess(arena, List.of(reader.read(Path.of(file))));
      return (int) pixelValues.dimension(2);
    }
  }

  /** A batch of files on a number of threads. */
  private int files(String file, int threads) {
    List<Path> files = Collections.nCopies(BATCH, Path.of(file));
    try (ForkJoinPool pool = new ForkJoinPool(threads);
        Arena arena = Arena.ofShared()) {
      return (int)
          pool.submit(() -> processor.preprocessFiles(arena, reader, files).dimension(0))
              .join()
              .longValue();
    }
  }

  /** As many pieces of pure arithmetic: how far the machine lets a number of threads get. */
  private static int busy(int threads) {
    try (ForkJoinPool pool = new ForkJoinPool(threads)) {
      return pool.submit(
              () ->
                  IntStream.range(0, BATCH)
                      .parallel()
                      .map(PreprocessingTimes::arithmetic)
                      .reduce(1, (a, b) -> a | b))
          .join();
    }
  }

  private static int arithmetic(int start) {
    int x = start;
    for (int i = 0; i < 4_000_000; i++) {
      x = 31 * x + i;
    }
    return x;
  }
}
