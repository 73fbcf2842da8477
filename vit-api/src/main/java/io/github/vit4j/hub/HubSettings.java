package io.github.vit4j.hub;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What a client was built with.
 *
 * @param endpoint without a slash at its end
 * @param token sent to the endpoint and nowhere else
 * @param cache the folder that holds {@code models--…}
 * @param symlinks whether links may be tried in the cache
 * @param connectTimeout for a connection
 * @param answerTimeout until an answer begins
 * @param stallTimeout between two parts of an answer
 * @param retries how often a failure that may pass is tried again
 * @param retryDelay before the first of these; doubled each time
 * @param parallel how many files are downloaded at once
 */
record HubSettings(
    URI endpoint,
    Optional<String> token,
    Path cache,
    boolean offline,
    boolean symlinks,
    Duration connectTimeout,
    Duration answerTimeout,
    Duration stallTimeout,
    int retries,
    Duration retryDelay,
    int parallel,
    DownloadListener listener) {
  /** Without the token. */
  @Override
  public String toString() {
    return "%s, cache %s%s".formatted(endpoint, cache, offline ? ", offline" : "");
  }
}
