package io.github.vit4j.conformance;

import java.util.function.Supplier;

/**
 * Something to find out about a {@link Subject}. Not thread-safe; checks of one subject are run one
 * after the other.
 *
 * @param requirement what is judged
 * @param name which case of it, unique within the requirement
 * @param body finds out; never throws
 */
public record Check(Requirement requirement, String name, Supplier<Outcome> body) {
  /**
   * Finds out.
   *
   * @return the outcome under this check's requirement and name
   */
  public CheckResult run() {
    return new CheckResult(requirement, name, body.get());
  }
}
