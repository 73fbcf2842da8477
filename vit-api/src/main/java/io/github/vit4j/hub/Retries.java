package io.github.vit4j.hub;

import io.github.vit4j.error.HubException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Attempts with growing pauses between them. Immutable and thread-safe. */
final class Retries {
  /** For failures to connect: when nobody is there, waiting long seldom helps. */
  private static final int MAX_UNREACHABLE = 2;

  /** {@code max_wait_time} of huggingface_hub's {@code http_backoff}. */
  private static final Duration MAX_PAUSE = Duration.ofSeconds(8);

  private static final Duration MAX_ASKED_PAUSE = Duration.ofMinutes(5);
  private static final System.Logger LOGGER = System.getLogger(HubClient.class.getName());

  private final int most;
  private final Duration firstPause;

  Retries(int most, Duration firstPause) {
    this.most = most;
    this.firstPause = firstPause;
  }

  /** As many as the settings say. */
  static Retries of(HubSettings settings) {
    return new Retries(settings.retries(), settings.retryDelay());
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
    while (true) {
      try {
        return attempt.run();
      } catch (TransientFailure e) {
        failures = e.hasProgressed() ? 1 : failures + 1;
        Duration pause = pause(failures, e);
        int allowed = e.isUnreachable() ? Math.min(most, MAX_UNREACHABLE) : most;
        if (failures > allowed || pause.compareTo(MAX_ASKED_PAUSE) > 0) {
          throw new HubException(
              HubException.Reason.UNREACHABLE,
              "cannot %s: %s%s".formatted(what, e.reason(), advice(e, failures, pause)),
              e);
        }
        LOGGER.log(
            System.Logger.Level.DEBUG,
            "{0}: {1}; attempt {2} in {3} ms",
            what,
            e.reason(),
            failures + 1,
            pause.toMillis());
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

  private static String advice(TransientFailure e, int attempts, Duration pause) {
    if (pause.compareTo(MAX_ASKED_PAUSE) > 0) {
      return "; it asks to come back in %d s, so try again then".formatted(pause.toSeconds());
    }
    return e.isUnreachable()
        ? "; check the network, set https_proxy or -Dhttps.proxyHost behind a proxy, HF_ENDPOINT for a mirror, or HF_HUB_OFFLINE=1 to use only what was downloaded"
        : "; gave up after %d attempts, try again later".formatted(attempts);
  }

  private static void sleep(String what, Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      throw interrupted(what, e);
    }
  }

  /** What the server asks for, else twice as long each time, and for each client another. */
  private Duration pause(int failures, TransientFailure e) {
    long first = firstPause.toMillis();
    long longest = Math.min(first << Math.min(failures - 1, 10), MAX_PAUSE.toMillis());
    Duration own =
        Duration.ofMillis(longest / 2 + ThreadLocalRandom.current().nextLong(longest / 2 + 1));
    return e.retryAfter().filter(asked -> asked.compareTo(own) > 0).orElse(own);
  }
}
