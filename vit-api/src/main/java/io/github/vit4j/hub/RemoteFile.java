package io.github.vit4j.hub;

import io.github.vit4j.error.HubException;
import io.github.vit4j.error.OneLine;
import java.net.URI;
import java.util.Optional;

/**
 * What the hub says about a file.
 *
 * @param repository where it is
 * @param name in the repository
 * @param commit that it belongs to
 * @param etag names its bytes: their SHA-256, or the SHA-1 that git gives small files
 * @param size in bytes, or -1 if it was not said
 * @param address to get it from, on the hub
 */
record RemoteFile(
    RepositoryId repository, String name, String commit, String etag, long size, URI address) {
  /** The largest file that is taken, {@code MAX_HTTP_DOWNLOAD_SIZE} of huggingface_hub. */
  static final long MAX_BYTES = 50_000_000_000L;

  /** As {@code Json.MAX_FILE_BYTES}: more would not be read later. */
  private static final long MAX_JSON_BYTES = 16 << 20;

  private static final int SHOWN = 100;

  /**
   * Reads the headers of an answer.
   *
   * @throws HubException if it is not the answer of a hub, or if the file is too large
   */
  static RemoteFile of(RepositoryId repository, String name, URI address, Answer answer) {
    String commit = answer.header("X-Repo-Commit").orElse("");
    if (!HubNames.isCommit(commit)) {
      throw wrong(
          repository,
          name,
          answer,
          commit.isEmpty()
              ? "it names no commit (X-Repo-Commit)"
              : "it names the commit '%s'".formatted(OneLine.of(commit, SHOWN)));
    }
    String etag = answer.etag().orElse("");
    if (!HubNames.isEtag(etag)) {
      throw wrong(repository, name, answer, "its ETag is '%s'".formatted(OneLine.of(etag, SHOWN)));
    }
    long size =
        answer
            .bytes("X-Linked-Size")
            .or(
                () ->
                    answer.isRedirect()
                        ? Optional.empty()
                        // Some servers answer HEAD with the length of what they send then: none.
                        : answer.bytes("Content-Length").filter(length -> length > 0))
            .orElse(-1L);
    RemoteFile file = new RemoteFile(repository, name, commit, etag, size, address);
    if (size > file.maxBytes()) {
      throw file.tooLarge(size);
    }
    return file;
  }

  private static HubException wrong(
      RepositoryId repository, String name, Answer answer, String problem) {
    return new HubException(
        HubException.Reason.BAD_ANSWER,
        "%s does not answer like a hub about %s of %s: %s; check HF_ENDPOINT and the proxy"
            .formatted(HubHttp.shown(answer.address()), name, repository, problem));
  }

  long maxBytes() {
    return name.endsWith(".json") ? MAX_JSON_BYTES : MAX_BYTES;
  }

  HubException tooLarge(long bytes) {
    return new HubException(
        HubException.Reason.BAD_ANSWER,
        "%s of %s has %s%d bytes; at most %d are taken"
            .formatted(
                name, repository, bytes > maxBytes() ? "" : "more than ", bytes, maxBytes()));
  }

  /** As listeners and messages call it. */
  String shown() {
    return repository + "/" + name;
  }
}
