package io.github.vit4j.cli;

import io.github.vit4j.LoadOptions;
import io.github.vit4j.conformance.ConformanceSuite;
import io.github.vit4j.conformance.Subject;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.OneLine;
import io.github.vit4j.runtime.BackendChoice;
import io.github.vit4j.runtime.BackendRegistry;
import io.github.vit4j.runtime.BackendRequest;
import io.github.vit4j.spi.BackendProvider;
import java.util.ArrayList;
import java.util.List;

/**
 * What is judged.
 *
 * @param subjects at least one
 * @param leftOut one line for each backend that is not, with the reason
 */
record ConformanceSubjects(List<Subject> subjects, List<String> leftOut) {
  ConformanceSubjects {
    subjects = List.copyOf(subjects);
    leftOut = List.copyOf(leftOut);
  }

  /** Of what is installed, what meets these options; see the other {@code choose}. */
  static ConformanceSubjects choose(LoadOptions options, boolean all) {
    return choose(
        BackendRegistry.installed(),
        new BackendRequest(options.backend(), options.device(), options.precision()),
        all);
  }

  /**
   * Of every backend, or the one that is asked for by name, what meets the request.
   *
   * @param all every device in every precision, whatever the request says
   * @throws BackendException if nothing does; the message lists what is there
   */
  static ConformanceSubjects choose(BackendRegistry registry, BackendRequest request, boolean all) {
    if (!request.backend().equals(BackendRequest.AUTO)) {
      return new ConformanceSubjects(of(registry, request, all), List.of());
    }
    List<Subject> subjects = new ArrayList<>();
    List<String> leftOut = new ArrayList<>();
    for (BackendProvider provider : registry.providers()) {
      try {
        subjects.addAll(
            of(
                registry,
                new BackendRequest(provider.name(), request.device(), request.precision()),
                all));
      } catch (BackendException e) {
        leftOut.add(OneLine.of(e));
      } catch (OutOfMemoryError e) {
        throw e; // not the provider's
      } catch (Throwable e) { // one that breaks its contract must not keep others from being judged
        leftOut.add(
            "%s failed when asked what it has: %s"
                .formatted(provider.getClass().getName(), OneLine.of(e)));
      }
    }
    leftOut.addAll(registry.broken());
    if (subjects.isEmpty()) {
      registry.choose(request); // which throws with all reasons
      throw new BackendException("nothing can be judged: " + String.join("; ", leftOut));
    }
    return new ConformanceSubjects(subjects, leftOut);
  }

  private static List<Subject> of(BackendRegistry registry, BackendRequest request, boolean all) {
    List<Subject> listed =
        registry.find(request.backend()).map(ConformanceSuite::subjects).orElse(List.of());
    if (all && !listed.isEmpty()) {
      return listed;
    }
    BackendChoice choice = registry.choose(request);
    List<Subject> chosen =
        listed.stream()
            .filter(
                subject ->
                    subject.device().equals(choice.device().name())
                        && subject.precision() == choice.precision())
            .toList();
    if (chosen.isEmpty()) {
      throw new BackendException(
          "%s lists other devices each time it is asked; that is a fault of the backend"
              .formatted(request.backend()));
    }
    return chosen;
  }
}
