package io.github.vit4j.conformance.faults;

import io.github.vit4j.conformance.ConformanceSuite;
import io.github.vit4j.conformance.Requirement;
import io.github.vit4j.conformance.Subject;
import io.github.vit4j.spi.BackendProvider;
import java.util.List;
import java.util.stream.Stream;

/**
 * A mistake that an author of a backend could make.
 *
 * @param name what is wrong
 * @param caughtBy the requirement that names the fault
 * @param provider a backend that is correct but for this
 * @param because a part of what the requirement complains of; empty where it can be only this
 */
record Fault(String name, Requirement caughtBy, BackendProvider provider, String because) {
  Fault(String name, Requirement caughtBy, BackendProvider provider) {
    this(name, caughtBy, provider, "");
  }

  /** All of them. */
  static List<Fault> all() {
    return Stream.of(
            WrongModels.all(),
            WrongInputs.all(),
            WrongOutputs.all(),
            WrongManners.all(),
            WrongDiscovery.all())
        .flatMap(List::stream)
        .toList();
  }

  /** What is judged: what the backend would say of itself without the fault. */
  Subject subject() {
    Subject correct = ConformanceSuite.subjects(AlteredBackend.CORRECT).getFirst();
    return new Subject(provider, correct.version(), correct.device(), correct.precision());
  }

  @Override
  public String toString() {
    return name;
  }
}
