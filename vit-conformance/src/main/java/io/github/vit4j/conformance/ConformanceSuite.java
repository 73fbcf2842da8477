package io.github.vit4j.conformance;

import io.github.vit4j.runtime.BackendRegistry;
import io.github.vit4j.spi.Availability;
import io.github.vit4j.spi.BackendProvider;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** All checks there are for a subject. */
public final class ConformanceSuite {
  private ConformanceSuite() {}

  /**
   * {@return everything that a backend says it can run on: every device in every precision, the
   * preferred device and float32 first; empty when it is not available}
   *
   * @param provider the backend, asked once for its availability
   */
  public static List<Subject> subjects(BackendProvider provider) {
    List<Subject> subjects = new ArrayList<>();
    if (BackendRegistry.availability(provider) instanceof Availability.Available available) {
      available
          .devices()
          .forEach(
              device ->
                  device.precisions().stream()
                      .sorted()
                      .map(p -> new Subject(provider, available.version(), device.name(), p))
                      .forEach(subjects::add));
    }
    return subjects;
  }

  /**
   * {@return the checks of a subject, in the order of the requirements} None has been run.
   *
   * @param subject what they are to judge
   */
  public static List<Check> checks(Subject subject) {
    return Stream.of(
            DiscoveryChecks.of(subject),
            NumberChecks.of(subject),
            BehaviourChecks.of(subject),
            InvalidInputChecks.of(subject),
            LifecycleChecks.of(subject),
            MemoryChecks.of(subject))
        .flatMap(List::stream)
        .map(new Watch()::over)
        .sorted(Comparator.comparing(Check::requirement))
        .toList();
  }

  /**
   * Runs checks one after the other.
   *
   * @param subject what is judged
   * @param wanted which of its {@link #checks} to run
   * @param listener told of each result as it is known
   * @return all results together
   */
  public static SubjectReport run(
      Subject subject, Predicate<Check> wanted, Consumer<CheckResult> listener) {
    return run(subject, checks(subject).stream().filter(wanted).toList(), listener);
  }

  /**
   * Runs exactly these checks one after the other, see {@link #run(Subject, Predicate, Consumer)}.
   *
   * @param subject what is judged
   * @param checks of that subject
   * @param listener told of each result as it is known
   * @return all results together
   */
  public static SubjectReport run(
      Subject subject, List<Check> checks, Consumer<CheckResult> listener) {
    List<CheckResult> results = new ArrayList<>();
    for (Check check : checks) {
      CheckResult result = check.run();
      results.add(result);
      listener.accept(result);
    }
    return SubjectReport.of(subject, results);
  }
}
