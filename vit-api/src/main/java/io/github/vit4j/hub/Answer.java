package io.github.vit4j.hub;

import io.github.vit4j.error.OneLine;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;

/**
 * What a server answered.
 *
 * @param address who answered, after redirects
 * @param body to be closed
 */
record Answer(URI address, int status, HttpHeaders headers, AnswerBody body)
    implements AutoCloseable {
  private static final int MAX_MESSAGE = 200;

  Optional<String> header(String name) {
    return headers.firstValue(name);
  }

  boolean isSuccess() {
    return status >= 200 && status < 300;
  }

  boolean isRedirect() {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  }

  /** Statuses that huggingface_hub tries again, and 408. */
  boolean isTransient() {
    return status == 408
        || status == 429
        || status == 500
        || status == 502
        || status == 503
        || status == 504;
  }

  /** What the hub calls the error: {@code RepoNotFound}, {@code GatedRepo} and so on. */
  String errorCode() {
    return header("X-Error-Code").orElse("");
  }

  /** Status and what the hub says about it, on a line. */
  String describe() {
    String said =
        header("X-Error-Message")
            .map(text -> " (" + OneLine.of(text, MAX_MESSAGE) + ")")
            .orElse("");
    // Not the authority: a redirect may have a password in it, and anything at all in escapes.
    String port = address.getPort() < 0 ? "" : ":" + address.getPort();
    return "%s%s answers with status %d%s".formatted(address.getHost(), port, status, said);
  }

  /** A header that is a number of bytes, empty if it is not there or none. */
  Optional<Long> bytes(String name) {
    try {
      return header(name).map(String::strip).map(Long::valueOf).filter(bytes -> bytes >= 0);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** An etag without quotes and weakness, as {@code _normalize_etag} leaves it. */
  Optional<String> etag() {
    return header("X-Linked-Etag")
        .or(() -> header("ETag"))
        .map(text -> text.replaceFirst("^W/", "").replaceAll("^\"+|\"+$", ""));
  }

  /** How long to wait before asking again. */
  Optional<Duration> retryAfter() {
    return header("Retry-After").flatMap(Answer::delay);
  }

  private static Optional<Duration> delay(String text) {
    String value = text.strip();
    try {
      if (value.matches("\\d{1,9}")) {
        return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
      }
      ZonedDateTime time =
          ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME.withLocale(Locale.ROOT));
      Duration delay = Duration.between(ZonedDateTime.now(time.getZone()), time);
      return Optional.of(delay.isNegative() ? Duration.ZERO : delay);
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    body.close();
  }
}
