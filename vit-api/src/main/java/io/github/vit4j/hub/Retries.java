package io.github.vit4j.hub;

import io.github.vit4j.error.HubException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** Attempts with growing pauses between them. Immutable and thread-safe. */
final class Retries {
  /** For failures to connect: when nobody is there, waiting long seldom helps. */
  private static final int MAX_UNREACHABLE = 2;

  /**
   * For all attempts together, however much each of them brings: a connection that is cut so often
   * is none.
   */
  static final int MAX_ATTEMPTS = 200;

  /** {@code max_wait_time} of huggingface_hub's {@code http_backoff}. */
  private static final Duration MAX_PAUSE = Duration.ofSeconds(8);

  /** For all pauses together that the server asks for: longer looks as if nothing went on. */
  private static final Duration MAX_ASKED_PAUSES = Duration.ofMinutes(2);

  /** A longer pause is told, so that nobody takes it for a hang. */
  private static final Duration SILENT_PAUSE = Duration.ofSeconds(10);

  private static final System.Logger LOGGER = System.getLogger(HubClient.class.getName());

  private final int most;
  private final Duration firstPause;
  private final Sleeper sleeper;

  Retries(int most, Duration firstPause) {
    this(most, firstPause, Thread::sleep);
  }

  Retries(int most, Duration firstPause, Sleeper sleeper) {
    this.most = most;
    this.firstPause = firstPause;
    this.sleeper = sleeper;
  }

  /** As many as the settings say. */
  static Retries of(HubSettings settings) {
    return new Retries(settings.retries(), settings.retryDelay());
  }

  /** How a pause is made. */
  @FunctionalInterface
  interface Sleeper {
    /** Returns after that time. */
    void sleep(Duration pause) throws InterruptedException;
  }

  /** Something that may fail and be tried again. */
  @FunctionalInterface
  interface Attempt<T> {
    /** Tries it once. */
    T run() throws TransientFailure, InterruptedException;
  }

  /**
   * Tries until it succeeds.
   *
   * @param what for messages: what is being done
   * @throws HubException UNREACHABLE after the last attempt, or when the thread is interrupted
   */
  <T> T run(String what, Attempt<T> attempt) {
    int failures = 0;
    Duration asked = Duration.ZERO;
    for (int attempts = 1; ; attempts++) {
      try {
        return attempt.run();
      } catch (TransientFailure e) {
        failures = e.hasProgressed() ? 1 : failures + 1;
        Duration own = pause(failures);
        Optional<Duration> wanted = e.retryAfter().filter(after -> after.compareTo(own) > 0);
        asked = asked.plus(wanted.orElse(Duration.ZERO));
        boolean tooLong = asked.compareTo(MAX_ASKED_PAUSES) > 0;
        Duration pause = wanted.orElse(own);
        int allowed = e.isUnreachable() ? Math.min(most, MAX_UNREACHABLE) : most;
        if (failures > allowed || attempts >= MAX_ATTEMPTS || tooLong) {
          throw new HubException(
              HubException.Reason.UNREACHABLE,
              "cannot %s: %s%s"
                  .formatted(what, e.reason(), tooLong ? comeBack(pause) : advice(e, attempts)),
              e);
        }
        LOGGER.log(
            pause.compareTo(SILENT_PAUSE) > 0
                ? System.Logger.Level.WARNING
                : System.Logger.Level.DEBUG,
            "{0}: {1}; attempt {2} in {3} s",
            what,
            e.reason(),
            attempts + 1,
            HubHttp.seconds(pause));
        sleep(what, pause);
      } catch (InterruptedException e) {
        throw interrupted(what, e);
      }
    }
  }

  static HubException interrupted(String what, InterruptedException e) {
    Thread.currentThread().interrupt();
    return new HubException(
        HubException.Reason.UNREACHABLE,
        "cannot %s: it was interrupted; try again, it goes on where it stopped".formatted(what),
        e);
  }

  private static String comeBack(Duration pause) {
    return "; it asks to come back in %d s, so try again then".formatted(pause.toSeconds());
  }

  private static String advice(TransientFailure e, int attempts) {
    return e.isUnreachable()
        ? "; check the network, set https_proxy or -Dhttps.proxyHost behind a proxy, HF_ENDPOINT for a mirror, or HF_HUB_OFFLINE=1 to use only what was downloaded"
        : "; gave up after %d attempts, try again later".formatted(attempts);
  }

  private void sleep(String what, Duration pause) {
    try {
      sleeper.sleep(pause);
    } catch (InterruptedException e) {
      throw interrupted(what, e);
    }
  }

  /** Twice as long each time, and for each client another. */
  private Duration pause(int failures) {
    long first = firstPause.toMillis();
    long longest = Math.min(first << Math.min(failures - 1, 10), MAX_PAUSE.toMillis());
    return Duration.ofMillis(longest / 2 + ThreadLocalRandom.current().nextLong(longest / 2 + 1));
  }
}
