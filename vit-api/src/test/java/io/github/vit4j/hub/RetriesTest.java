package io.github.vit4j.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.error.HubException.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RetriesTest {
  private final List<Duration> pauses = new ArrayList<>();
  private final Retries retries = new Retries(5, Duration.ofMillis(10), pauses::add);
  private final AtomicInteger attempts = new AtomicInteger();

  @Test
  void pausesThatAreAskedForAreBoundedTogether() {
    HubFixture.failure(
        Reason.UNREACHABLE,
        () ->
            retries.run(
                "download x",
                () -> {
                  attempts.incrementAndGet();
                  throw TransientFailure.busy("it is busy", Optional.of(Duration.ofSeconds(50)));
                }),
        "cannot download x: it is busy; it asks to come back in 50 s, so try again then");
    assertThat(pauses).containsExactly(Duration.ofSeconds(50), Duration.ofSeconds(50));
    assertThat(attempts).hasValue(3);
  }

  @Test
  void aPauseThatIsAskedForAndShorterThanTheOwnDoesNotCount() {
    Retries patient = new Retries(5, Duration.ofSeconds(8), pauses::add);
    HubFixture.failure(
        Reason.UNREACHABLE,
        () ->
            patient.run(
                "download x",
                () -> {
                  throw TransientFailure.busy("it is busy", Optional.of(Duration.ofSeconds(1)));
                }),
        "gave up after 6 attempts");
    assertThat(pauses).hasSize(5).allMatch(pause -> pause.compareTo(Duration.ofSeconds(4)) >= 0);
  }

  @Test
  void evenProgressEndsAtSomeTime() {
    HubFixture.failure(
        Reason.UNREACHABLE,
        () ->
            retries.run(
                "download x",
                () -> {
                  attempts.incrementAndGet();
                  throw TransientFailure.cut("it was cut", true, new IOException());
                }),
        "gave up after 200 attempts");
    assertThat(attempts).hasValue(Retries.MAX_ATTEMPTS);
    assertThat(pauses).allMatch(pause -> pause.compareTo(Duration.ofMillis(10)) <= 0);
  }
}
