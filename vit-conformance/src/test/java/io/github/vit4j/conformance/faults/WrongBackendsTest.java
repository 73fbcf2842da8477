package io.github.vit4j.conformance.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.conformance.CheckResult;
import io.github.vit4j.conformance.ConformanceSuite;
import io.github.vit4j.conformance.Outcome;
import io.github.vit4j.conformance.Requirement;
import io.github.vit4j.conformance.Subject;
import java.io.IOException;
import java.nio.file.Files;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every wrong backend is caught by the requirement that names its fault. */
class WrongBackendsTest {
  @TestFactory
  Stream<DynamicTest> isCaught() {
    return Fault.all().stream()
        .map(
            fault ->
                DynamicTest.dynamicTest(
                    "%s: %s".formatted(fault, fault.caughtBy()),
                    () ->
                        assertThat(results(fault.subject(), fault.caughtBy()))
                            .extracting(CheckResult::outcome)
                            .anySatisfy(
                                outcome ->
                                    assertThat(outcome)
                                        .isInstanceOfSatisfying(
                                            Outcome.Failed.class,
                                            failed ->
                                                assertThat(failed.message())
                                                    .contains(fault.because())))));
  }

  /** Otherwise it would not be the fault that is caught. */
  @TestFactory
  Stream<DynamicTest> passesWithoutTheFault() {
    Subject subject = ConformanceSuite.subjects(AlteredBackend.CORRECT).getFirst();
    return caught().stream()
        .map(
            requirement ->
                DynamicTest.dynamicTest(
                    requirement.toString(),
                    () ->
                        assertThat(results(subject, requirement))
                            .isNotEmpty()
                            .allSatisfy(
                                result ->
                                    assertThat(result.outcome())
                                        .as(result.name())
                                        .isInstanceOf(Outcome.Passed.class))));
  }

  /** The one left out takes minutes for each backend that it judges. */
  @Test
  void everyRequirementHasAFaultThatItCatches() {
    assertThat(EnumSet.complementOf(EnumSet.copyOf(caught())))
        .containsExactly(Requirement.FULL_SIZE);
  }

  @AfterAll
  static void removeWhatAWrongBackendWrote() throws IOException {
    Files.deleteIfExists(WritingBackend.FILE);
  }

  private static Set<Requirement> caught() {
    Set<Requirement> requirements = EnumSet.noneOf(Requirement.class);
    Fault.all().forEach(fault -> requirements.add(fault.caughtBy()));
    return requirements;
  }

  private static List<CheckResult> results(Subject subject, Requirement requirement) {
    return ConformanceSuite.run(subject, check -> check.requirement() == requirement, result -> {})
        .results();
  }
}
