package io.github.vit4j.conformance;

import java.util.EnumSet;
import java.util.Set;

/**
 * A run without the requirements that take minutes: models of full size, and memory after many runs
 * and sessions. They are skipped by name, never passed.
 */
public final class QuickRun {
  /** The system property that asks {@code BackendConformanceKit} for it when it is {@code true}. */
  public static final String PROPERTY = "vit4j.conformance.quick";

  private static final Set<Requirement> LEFT_OUT =
      EnumSet.of(Requirement.FULL_SIZE, Requirement.MEMORY_OF_RUNS, Requirement.MEMORY_OF_SESSIONS);

  private QuickRun() {}

  /** {@return whether the system property {@value #PROPERTY} asks for it} */
  public static boolean isAskedFor() {
    return Boolean.getBoolean(PROPERTY);
  }

  /**
   * {@return the check itself, or one in its place that is skipped}
   *
   * @param check any
   */
  public static Check of(Check check) {
    return LEFT_OUT.contains(check.requirement())
        ? new Check(
            check.requirement(),
            check.name(),
            () -> new Outcome.Skipped("takes long, and a quick run was asked for"))
        : check;
  }
}
