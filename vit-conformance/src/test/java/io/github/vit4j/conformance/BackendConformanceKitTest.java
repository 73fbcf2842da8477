package io.github.vit4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.testkit.engine.EventConditions.abortedWithReason;
import static org.junit.platform.testkit.engine.EventConditions.container;
import static org.junit.platform.testkit.engine.EventConditions.displayName;
import static org.junit.platform.testkit.engine.EventConditions.event;
import static org.junit.platform.testkit.engine.EventConditions.finishedSuccessfully;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.EventConditions.test;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.instanceOf;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.message;

import io.github.vit4j.config.Json;
import io.github.vit4j.spi.Availability;
import io.github.vit4j.spi.BackendProvider;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTSession;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.opentest4j.TestAbortedException;

/** What JUnit sees of a class that extends the kit. */
class BackendConformanceKitTest {
  /** What happened, in order. */
  private static final List<String> LOG = new ArrayList<>();

  @BeforeEach
  void forget() {
    LOG.clear();
  }

  /** On two subjects; one check passes, one fails, one cannot be judged, one takes long. */
  static class Mixed extends BackendConformanceKit {
    @Override
    protected BackendProvider provider() {
      return FakeBackend.ABACUS;
    }

    @Override
    protected Predicate<Subject> subjects() {
      return subject -> subject.precision() != Precision.FP16;
    }

    @Override
    List<Check> checks(Subject subject) {
      LOG.add("checks of " + subject);
      return List.of(
          check(Requirement.NAME, "name", new Outcome.Passed(List.of())),
          check(
              Requirement.LOGITS,
              "patch_14",
              new Outcome.Failed(
                  "logits differ",
                  List.of(
                      new Measurement("logits", 0.5, 1e-6, 2e-7),
                      new Measurement("loss", 1e-7, 1e-6, 2e-7)))),
          check(
              Requirement.LOGITS,
              "base",
              new Outcome.Passed(List.of(new Measurement("logits", 1e-7, 1e-6, 2e-7)))),
          check(Requirement.NO_LAYERS, "none", new Outcome.Skipped("it has no empty models")),
          check(Requirement.FULL_SIZE, "huge", new Outcome.Passed(List.of())));
    }

    private static Check check(Requirement requirement, String name, Outcome outcome) {
      return new Check(
          requirement,
          name,
          () -> {
            LOG.add(name);
            return outcome;
          });
    }
  }

  static class Absent extends BackendConformanceKit {
    @Override
    protected BackendProvider provider() {
      return new FakeBackend("abacus", new Availability.Unavailable("no beads; buy some"));
    }
  }

  /** Not available, and nobody can read why. */
  static class Mumbling extends BackendConformanceKit {
    @Override
    protected BackendProvider provider() {
      return new FakeBackend("abacus", new Availability.Unavailable("no beads\nat line 2"));
    }
  }

  static class Wordless extends BackendConformanceKit {
    @Override
    protected BackendProvider provider() {
      return new FakeBackend("abacus", new Availability.Unavailable(" "));
    }
  }

  /** Record components that are null, against what they say. */
  @NullUnmarked
  static class Silent extends BackendConformanceKit {
    @Override
    protected BackendProvider provider() {
      return new FakeBackend("abacus", null);
    }
  }

  @NullUnmarked
  static class Nameless extends BackendConformanceKit {
    @Override
    protected BackendProvider provider() {
      return new FakeBackend(null, FakeBackend.ABACUS.availability());
    }
  }

  static class BreakingOff extends BackendConformanceKit {
    @Override
    protected BackendProvider provider() {
      return new BackendProvider() {
        @Override
        public String name() {
          return "abacus";
        }

        @Override
        public Availability availability() {
          throw new AssertionError("the beads\nfell off");
        }

        @Override
        public ViTSession open(ModelDefinition model, SessionOptions options) {
          throw new UnsupportedOperationException();
        }
      };
    }
  }

  static class Nothing extends BackendConformanceKit {
    @Override
    protected BackendProvider provider() {
      return FakeBackend.ABACUS;
    }

    @Override
    protected Predicate<Subject> subjects() {
      return subject -> false;
    }
  }

  static class WithoutChecks extends BackendConformanceKit {
    @Override
    protected BackendProvider provider() {
      return FakeBackend.ABACUS;
    }

    @Override
    List<Check> checks(Subject subject) {
      return List.of();
    }
  }

  private record Run(EngineExecutionResults results, String out) {
    static Run of(Class<?> kit) {
      PrintStream before = System.out;
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
      try {
        return new Run(
            EngineTestKit.engine("junit-jupiter").selectors(selectClass(kit)).execute(),
            out.toString(StandardCharsets.UTF_8));
      } finally {
        System.setOut(before);
      }
    }

    Run {
      assertThat(results.allEvents().failed().filter(e -> !e.getTestDescriptor().isTest()))
          .isEmpty();
    }
  }

  @Test
  void passedFailedAndSkippedAreCountedAndNamed() {
    Run run = Run.of(Mixed.class);
    run.results()
        .testEvents()
        .assertStatistics(stats -> stats.started(10).succeeded(6).failed(2).aborted(2));
    run.results()
        .testEvents()
        .assertThatEvents()
        .haveExactly(2, event(test(), displayName("huge"), finishedSuccessfully()))
        .haveExactly(
            1,
            event(
                test(),
                displayName("patch_14"),
                finishedWithFailure(
                    instanceOf(AssertionError.class),
                    message(
                        "abacus on npu, int8: 2.1 computes the logits of"
                            + " ViTForImageClassification [required], patch_14: logits differ\n"
                            + "  logits: relative error 5.0e-01, tolerance 1.0e-06, PyTorch"
                            + " 2.0e-07"))))
        .haveExactly(
            1,
            event(
                test(),
                displayName("none"),
                abortedWithReason(
                    instanceOf(TestAbortedException.class),
                    message(
                        "abacus on cpu, float32: 4.12 has no layers [optional], none: it has no"
                            + " empty models"))));
  }

  @Test
  void containersAreSubjectGroupRequirement() {
    EngineExecutionResults results = Run.of(Mixed.class).results();
    assertThat(
            results
                .containerEvents()
                .started()
                .map(e -> e.getTestDescriptor().getDisplayName())
                .skip(3)
                .limit(7))
        .containsExactly(
            "abacus on cpu, float32",
            "1 Discovery and choice",
            "1.2 has a name of lower-case letters, digits and hyphens that never changes"
                + " [required]",
            "2 Outputs",
            "2.1 computes the logits of ViTForImageClassification [required]",
            "4 Configuration",
            "4.12 has no layers [optional]");
    results
        .containerEvents()
        .assertThatEvents()
        .haveExactly(
            1, event(container(), displayName("abacus on npu, int8"), finishedSuccessfully()));
  }

  @Test
  void checksAreMadeWhenItIsTheirTurnAndRunInOrder() {
    Run.of(Mixed.class);
    assertThat(LOG)
        .containsExactly(
            "checks of abacus on cpu, float32",
            "name",
            "patch_14",
            "base",
            "none",
            "huge",
            "checks of abacus on npu, int8",
            "name",
            "patch_14",
            "base",
            "none",
            "huge");
  }

  @Test
  void theSummaryCountsRequirementsAndNamesWhatDidNotPass() {
    assertThat(Run.of(Mixed.class).out())
        .startsWith(
            """
            abacus on cpu, float32 (Abacus 1.0): does not conform: 2.1
              requirements: 2 passed, 1 failed, %d skipped
              FAIL 2.1 computes the logits of ViTForImageClassification [required], patch_14: \
            logits differ
              skip 4.12 has no layers [optional], none: it has no empty models
              skip 1.1, 1.3,"""
                .formatted(Requirement.values().length - 3))
        .contains("abacus on npu, int8 (Abacus 1.0): does not conform: 2.1\n");
  }

  @Test
  void aQuickRunSkipsWhatTakesLongByName() {
    System.setProperty(QuickRun.PROPERTY, "true");
    Run run;
    try {
      run = Run.of(Mixed.class);
    } finally {
      System.clearProperty(QuickRun.PROPERTY);
    }
    assertThat(LOG).contains("base").doesNotContain("huge");
    run.results().testEvents().assertStatistics(stats -> stats.succeeded(4).aborted(4));
    assertThat(run.out())
        .contains(
            "  skip 5.7 computes models of the sizes that are in use, up to vit-huge-patch14-224"
                + " [required], huge: takes long, and a quick run was asked for\n");
  }

  @Test
  void aBackendThatIsNotAvailableIsOneSkippedTest() {
    Run run = Run.of(Absent.class);
    run.results().testEvents().assertStatistics(stats -> stats.started(1).aborted(1));
    run.results()
        .testEvents()
        .assertThatEvents()
        .haveExactly(
            1,
            event(
                test(),
                displayName("abacus is not available"),
                abortedWithReason(message("abacus is not available: no beads; buy some"))));
    assertThat(run.out()).isEmpty();
  }

  @Test
  void aBackendThatCannotSayWhetherItIsAvailableFailsRequirement14() {
    failsBeforeAllElse(
        BreakingOff.class,
        Requirement.AVAILABILITY,
        "abacus: %s: availability() must not throw, but did: the beads fell off");
    failsBeforeAllElse(
        Silent.class, Requirement.AVAILABILITY, "abacus: %s: availability() gave null");
    failsBeforeAllElse(
        Mumbling.class,
        Requirement.AVAILABILITY,
        "abacus: %s: is not available, and must say why in one line, but says"
            + " 'no beads at line 2'");
    failsBeforeAllElse(
        Wordless.class,
        Requirement.AVAILABILITY,
        "abacus: %s: is not available, and must say why in one line, but says ' '");
    failsBeforeAllElse(
        Nameless.class, Requirement.NAME, FakeBackend.class.getName() + ": %s: name() gave null");
  }

  private static void failsBeforeAllElse(Class<?> kit, Requirement requirement, String message) {
    Run run = Run.of(kit);
    run.results().testEvents().assertStatistics(stats -> stats.started(1).failed(1));
    run.results()
        .testEvents()
        .assertThatEvents()
        .haveExactly(
            1,
            event(
                test(),
                displayName(requirement.title()),
                finishedWithFailure(
                    instanceOf(AssertionError.class),
                    message(message.formatted(requirement.title())))));
    assertThat(run.out()).contains("does not conform: " + requirement.number());
  }

  @Test
  void theReportIsWrittenWhereThePropertySays(@TempDir Path folder) throws IOException {
    Path directory = folder.resolve("a/b");
    System.setProperty(BackendConformanceKit.REPORT_PROPERTY, directory.toString());
    try {
      Run.of(Mixed.class);
      assertThat(directory.resolve("conformance.html")).content().contains("Abacus 1.0");
      assertThat(
              Json.readObject(directory.resolve("conformance.json"))
                  .get("subjects")
                  .get(0)
                  .get("judgement")
                  .stringValue())
          .isEqualTo("does not conform: 2.1");
      Run.of(Silent.class);
      assertThat(directory.resolve("conformance.json"))
          .content()
          .contains("does not conform: 1.4", "availability() gave null");
    } finally {
      System.clearProperty(BackendConformanceKit.REPORT_PROPERTY);
    }
  }

  @Test
  void noOtherClassRunsBeside() {
    assertThat(Mixed.class).hasAnnotation(Isolated.class);
  }

  @Test
  void leavingOutEverythingFails() {
    Run.of(Nothing.class)
        .results()
        .testEvents()
        .assertThatEvents()
        .haveExactly(
            1,
            event(
                test(),
                finishedWithFailure(
                    message(
                        "subjects() leaves out everything that abacus lists: abacus on cpu,"
                            + " float32; abacus on cpu, float16; abacus on npu, int8"))));
  }

  @Test
  void withoutChecksNothingPasses() {
    Run run = Run.of(WithoutChecks.class);
    run.results().testEvents().assertStatistics(stats -> stats.started(3).aborted(3));
    assertThat(run.out()).contains("abacus on cpu, float32 (Abacus 1.0): nothing was judged");
    assertThat(run.results().testEvents().aborted().stream())
        .allSatisfy(
            e ->
                assertThat(e.getRequiredPayload(TestExecutionResult.class).getThrowable())
                    .get()
                    .asString()
                    .contains("there is no check for abacus on "));
  }
}
