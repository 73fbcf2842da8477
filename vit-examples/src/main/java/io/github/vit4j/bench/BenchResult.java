package io.github.vit4j.bench;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a benchmark found.
 *
 * @param machine names and versions of what it ran on
 * @param measurements in the order of their sections
 * @param targets those that apply to what was measured
 * @param notes what was left out and why, and whether the numbers agree
 */
public record BenchResult(
    Map<String, String> machine,
    List<Measurement> measurements,
    List<Target> targets,
    List<String> notes) {
  /** Keeps the order. */
  public BenchResult {
    machine = Collections.unmodifiableMap(new LinkedHashMap<>(machine));
    measurements = List.copyOf(measurements);
    targets = List.copyOf(targets);
    notes = List.copyOf(notes);
  }
}
