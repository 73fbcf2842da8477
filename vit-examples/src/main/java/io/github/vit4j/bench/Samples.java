package io.github.vit4j.bench;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What was measured in several turns, in any unit.
 *
 * @param values one a turn, in their order; at least one
 */
public record Samples(List<Double> values) {
  /** Copies the values. */
  public Samples {
    values = List.copyOf(values);
    if (values.isEmpty()) {
      throw new IllegalArgumentException("no values");
    }
  }

  static Samples of(double[] values) {
    return new Samples(Arrays.stream(values).boxed().toList());
  }

  /** {@return the middle value} */
  public double median() {
    return quantile(0.5);
  }

  /**
   * {@return the value below which that part of the values lies} By linear interpolation between
   * the neighbours, as numpy's {@code quantile} does it by default.
   *
   * @param part from 0 to 1
   */
  public double quantile(double part) {
    List<Double> sorted = values.stream().sorted().toList();
    double place = part * (sorted.size() - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.size() - 1);
    return sorted.get(below) + (place - below) * (sorted.get(above) - sorted.get(below));
  }

  /**
   * {@return the ratios to others turn by turn: what slows both down in a turn falls out}
   *
   * @throws IllegalArgumentException if there are more or fewer of them
   */
  Samples over(Samples others) {
    if (others.values.size() != values.size()) {
      throw new IllegalArgumentException(
          "%d turns and %d".formatted(values.size(), others.values.size()));
    }
    return new Samples(
        IntStream.range(0, values.size())
            .mapToObj(i -> values.get(i) / others.values.get(i))
            .toList());
  }
}
