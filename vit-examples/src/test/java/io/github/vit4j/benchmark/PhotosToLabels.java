package io.github.vit4j.benchmark;

import com.sun.management.OperatingSystemMXBean;
import io.github.vit4j.LoadOptions;
import io.github.vit4j.config.Json;
import io.github.vit4j.pipeline.Classification;
import io.github.vit4j.pipeline.ImageClassificationPipeline;
import io.github.vit4j.pipeline.ImageResult;
import io.github.vit4j.pipeline.StreamOptions;
import io.github.vit4j.spi.Precision;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Classifies folders of photos on request, line by line, so that another program can take turns
 * with it. Started by {@code benchmark/compare_photos_to_labels.py}.
 *
 * <p>{@code NAME BACKEND PRECISION THREADS BATCH_SIZE CALLERS READERS}, where 0 leaves the choice,
 * classifies all files of the folder, in the order of their names, on the session NAME, which is
 * opened when it is first named. The answer is JSON: {@code seconds}, {@code processor_seconds},
 * {@code engine} and {@code labels}.
 */
final class PhotosToLabels {
  private PhotosToLabels() {}

  /** Arguments: model directory, folder of photos. */
  public static void main(String[] arguments) throws IOException {
    Map<String, ImageClassificationPipeline> sessions = new HashMap<>();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ", -1);
      ImageClassificationPipeline pipeline =
          sessions.computeIfAbsent(
              words[0],
              name ->
                  ImageClassificationPipeline.fromPretrained(
                      Path.of(arguments[0]),
                      LoadOptions.defaults()
                          .withBackend(words[1])
                          .withPrecision(Precision.ofName(words[2]))
                          .withThreads(Integer.parseInt(words[3]))));
      StreamOptions options =
          new StreamOptions(
              Integer.parseInt(words[4]), Integer.parseInt(words[5]), Integer.parseInt(words[6]));
      System.out.println(classify(pipeline, Path.of(arguments[1]), options));
    }
    sessions.values().forEach(ImageClassificationPipeline::close);
  }

  private static ObjectNode classify(
      ImageClassificationPipeline pipeline, Path folder, StreamOptions options) throws IOException {
    ObjectNode answer = Json.object();
    answer.put("engine", pipeline.model().info().toString());
    ArrayNode labels = answer.putArray("labels");
    long start = System.nanoTime();
    long processorStart = processorNanos();
    try (Stream<Path> photos = Files.list(folder);
        Stream<ImageResult<Path, List<Classification>>> results =
            pipeline.classifyAll(photos.sorted(), 1, options)) {
      results.forEach(
          result -> labels.add(Objects.requireNonNull(result.valueOrThrow()).getFirst().label()));
    }
    return answer
        .put("seconds", (System.nanoTime() - start) / 1e9)
        .put("processor_seconds", (processorNanos() - processorStart) / 1e9);
  }

  /** Of all threads of this process, those of engines and of the collector too. */
  private static long processorNanos() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }
}
