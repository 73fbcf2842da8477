package io.github.vit4j.bench;

import io.github.vit4j.conformance.Subject;
import io.github.vit4j.hub.ModelFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What is measured.
 *
 * @param model as {@code --model} takes it
 * @param files of that model, a classifier
 * @param subjects backends, devices and precisions; at least one
 * @param batches images a run, each at least 1
 * @param threads of our sessions, each at least 0, which lets the engine choose
 * @param callers runs at once, each at least 1
 * @param turns how often everything is measured, at least 1
 * @param seconds how long each measurement of a turn lasts at least, positive
 * @param photos to preprocess and classify; none leaves these measurements out
 * @param starts whether starts are measured, in processes of their own
 * @param python the Python program to compare with
 * @param pythonThreads threads of its libraries, at least 1
 * @param launcher the {@code vit} script, to measure a whole process
 */
public record BenchSettings(
    String model,
    ModelFiles files,
    List<Subject> subjects,
    List<Integer> batches,
    List<Integer> threads,
    List<Integer> callers,
    int turns,
    double seconds,
    List<Path> photos,
    boolean starts,
    Optional<String> python,
    int pythonThreads,
    Optional<Path> launcher) {
  public BenchSettings {
    subjects = List.copyOf(subjects);
    batches = List.copyOf(batches);
    threads = List.copyOf(threads);
    callers = List.copyOf(callers);
    photos = List.copyOf(photos);
  }

  int largestBatch() {
    return batches.stream().mapToInt(Integer::intValue).max().orElse(1);
  }
}
