package io.github.vit4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class WatchTest {
  private final Watch watch = new Watch(1, 60);

  private Outcome outcome(Requirement requirement, Supplier<Outcome> body) {
    return watch.over(new Check(requirement, "a case", body)).run().outcome();
  }

  /** As an engine that was made in a hurry. */
  private static final class Unreadable extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new UnsupportedOperationException();
    }
  }

  private static Outcome passes() {
    return new Outcome.Passed(List.of());
  }

  @Test
  void oneThatHangsFailsAndTheOthersAreSkippedByName() {
    CountDownLatch never = new CountDownLatch(1);
    Outcome hanging =
        outcome(
            Requirement.LOGITS,
            () -> {
              while (true) {
                try {
                  never.await();
                } catch (InterruptedException e) {
                  // as an engine that waits for itself
                }
              }
            });
    assertThat(hanging)
        .isEqualTo(new Outcome.Failed("not done after 1 seconds: it seems to hang", List.of()));
    assertThat(outcome(Requirement.MASKS, WatchTest::passes))
        .isEqualTo(new Outcome.Skipped("an earlier check hangs: 2.1, a case"));
  }

  @Test
  void memoryAndFullSizeHaveMoreTime() {
    assertThat(
            outcome(
                Requirement.FULL_SIZE,
                () -> {
                  try {
                    Thread.sleep(1500);
                  } catch (InterruptedException e) {
                    return new Outcome.Failed("not waited for", List.of());
                  }
                  return passes();
                }))
        .isInstanceOf(Outcome.Passed.class);
  }

  @Test
  void whatIsThrownIsAnOutcome() {
    assertThat(
            outcome(
                Requirement.LOGITS,
                () -> {
                  throw new InternalError("a fault in\nmapped memory");
                }))
        .isEqualTo(new Outcome.Failed("threw InternalError: a fault in mapped memory", List.of()));
    assertThat(
            outcome(
                Requirement.LOGITS,
                () -> {
                  throw new Unreadable();
                }))
        .isInstanceOfSatisfying(
            Outcome.Failed.class, failed -> assertThat(failed.message()).contains("Unreadable"));
  }

  @Test
  void anInterruptIsFoundAndReachesNobodyElse() {
    assertThat(
            outcome(
                Requirement.LOGITS,
                () -> {
                  Thread.currentThread().interrupt();
                  return passes();
                }))
        .isEqualTo(new Outcome.Failed("leaves its caller's thread interrupted", List.of()));
    assertThat(outcome(Requirement.MASKS, WatchTest::passes)).isInstanceOf(Outcome.Passed.class);
  }
}
