package io.github.vit4j.conformance;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Runs the checks of one subject, each on a thread of its own: one that hangs ends after a while,
 * and what a backend does to its caller's thread (an interrupt, a thread local) reaches no other
 * check. After one that hangs the others are skipped, as they would hang too, one after the other.
 */
final class Watch {
  private static final long PATIENCE_SECONDS = 300;

  /** For those that move gigabytes, or run thousands of times. */
  private static final long MORE_PATIENCE_SECONDS = 3600;

  private static final Set<Requirement> LONG =
      Set.of(Requirement.FULL_SIZE, Requirement.MEMORY_OF_RUNS, Requirement.MEMORY_OF_SESSIONS);

  private final long patienceSeconds;
  private final long morePatienceSeconds;

  /** The check that hangs. */
  private @Nullable String hanging;

  Watch() {
    this(PATIENCE_SECONDS, MORE_PATIENCE_SECONDS);
  }

  Watch(long patienceSeconds, long morePatienceSeconds) {
    this.patienceSeconds = patienceSeconds;
    this.morePatienceSeconds = morePatienceSeconds;
  }

  /** The same check, watched. */
  Check over(Check check) {
    return new Check(check.requirement(), check.name(), () -> watched(check));
  }

  private Outcome watched(Check check) {
    if (hanging != null) {
      return new Outcome.Skipped("an earlier check hangs: " + hanging);
    }
    long patience = LONG.contains(check.requirement()) ? morePatienceSeconds : patienceSeconds;
    FutureTask<Outcome> task = new FutureTask<>(() -> onThisThread(check));
    Thread thread = new Thread(task, "conformance " + check.requirement().number());
    thread.setDaemon(true);
    thread.start();
    try {
      return task.get(patience, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      hanging = "%s, %s".formatted(check.requirement().number(), check.name());
      thread.interrupt();
      return new Outcome.Failed(
          "not done after %d seconds: it seems to hang".formatted(patience), List.of());
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
      return new Outcome.Skipped("interrupted");
    } catch (ExecutionException e) {
      throw new IllegalStateException(e); // cannot be: everything is caught there
    }
  }

  @SuppressWarnings("CatchingUnchecked") // whatever is thrown is a result
  private static Outcome onThisThread(Check check) {
    Outcome outcome;
    try {
      outcome = check.body().get();
    } catch (Throwable e) {
      // Here, as wrapping it for another thread would read its message, which may fail too.
      outcome = new Outcome.Failed("threw " + Checks.describe(e), List.of());
    }
    return Thread.interrupted() && outcome instanceof Outcome.Passed passed
        ? new Outcome.Failed("leaves its caller's thread interrupted", passed.measurements())
        : outcome;
  }
}
