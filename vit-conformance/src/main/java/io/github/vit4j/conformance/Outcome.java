package io.github.vit4j.conformance;

import java.util.List;

/** How a check ended. */
public sealed interface Outcome {
  /** {@return what was measured before it ended; empty where nothing is compared with numbers} */
  List<Measurement> measurements();

  /**
   * The backend does what is asked.
   *
   * @param measurements one a tensor
   */
  record Passed(List<Measurement> measurements) implements Outcome {
    /** Copies the list. */
    public Passed {
      measurements = List.copyOf(measurements);
    }
  }

  /**
   * It does not.
   *
   * @param message one line: what was expected, what happened
   * @param measurements one a tensor
   */
  record Failed(String message, List<Measurement> measurements) implements Outcome {
    /** Copies the list. */
    public Failed {
      measurements = List.copyOf(measurements);
    }
  }

  /**
   * Nobody knows: the backend says that it cannot, or this machine cannot find out.
   *
   * @param reason one line
   */
  record Skipped(String reason) implements Outcome {
    @Override
    public List<Measurement> measurements() {
      return List.of();
    }
  }
}
