package io.github.vit4j.hub;

import io.github.vit4j.config.Json;
import io.github.vit4j.error.HubException;
import io.github.vit4j.error.OneLine;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A repository at a revision. What the revision means is asked once, so that all files come from
 * one commit; files are downloaded when they are asked for.
 *
 * <p>When the hub cannot be asked, the commit that it last named is taken, if the cache has it, as
 * {@code hf_hub_download} does.
 *
 * <p>Thread-safe.
 */
final class HubRevision {
  private static final System.Logger LOGGER = System.getLogger(HubClient.class.getName());

  /** Any file tells the commit; this one is read first anyway. */
  private static final String PROBE = "config.json";

  private final HubSettings settings;
  private final HubHttp http;
  private final RepositoryId repository;
  private final String revision;
  private final RepositoryCache cache;
  private @Nullable Pinned pinned;

  /**
   * What the revision means.
   *
   * @param files what the commit holds, if the hub told
   * @param unreachable why the hub is not asked for files, empty if it is
   */
  private record Pinned(
      String commit, Optional<Set<String>> files, Optional<HubException> unreachable) {}

  /** What the hub tells about a repository. */
  private record Listing(String commit, Set<String> files) {}

  HubRevision(HubSettings settings, HubHttp http, RepositoryId repository, String revision) {
    this.settings = settings;
    this.http = http;
    this.repository = repository;
    this.revision = HubNames.revision(revision);
    this.cache = RepositoryCache.of(settings, repository);
  }

  /** As users call it: the id, and the revision if it is not the usual one. */
  String name() {
    return repository
        + (revision.equals(HubClient.DEFAULT_REVISION) ? "" : HubClient.REVISION_MARK + revision);
  }

  /** The folder of the commit's files, whether they are there or not. */
  Path snapshot() {
    return cache.snapshot(pin().commit());
  }

  /**
   * The names of the commit's files, empty if the hub does not tell or cannot be asked.
   *
   * @throws HubException if it refuses
   */
  Optional<Set<String>> files() {
    Pinned now = pin();
    if (now.files().isPresent() || now.unreachable().isPresent()) {
      return now.files();
    }
    return list(now.commit(), Retries.of(settings)).map(Listing::files);
  }

  /** Whether the hub is asked for what the cache lacks. */
  boolean isReachable() {
    return pin().unreachable().isEmpty();
  }

  /** Whether the cache has a file. */
  boolean holds(String file) {
    return cache.holds(pin().commit(), HubNames.file(file));
  }

  /**
   * A file, downloaded if it is not there; empty if the commit has none of that name.
   *
   * @throws HubException if it cannot be had
   */
  Optional<Path> find(String file) {
    return find(pin(), HubNames.file(file));
  }

  /** {@link #find}, for a file that must be there. */
  Path get(String file) {
    return find(file).orElseThrow(() -> noFile(file));
  }

  /**
   * A single file: like {@link #get}, but without asking for the names of all files, of which data
   * sets have many.
   */
  Path getSingle(String file) {
    HubNames.file(file);
    synchronized (this) {
      if (pinned == null) {
        pinned = pin(() -> askFor(file));
      }
    }
    return get(file);
  }

  private HubException noFile(String file) {
    return new HubException(
        HubException.Reason.NOT_FOUND,
        "%s has no file %s at the revision '%s'; %s/%s/tree/%s lists its files"
            .formatted(
                repository,
                OneLine.of(file, 200),
                revision,
                settings.endpoint(),
                repository,
                revision));
  }

  private Optional<Path> find(Pinned at, String file) {
    String commit = at.commit();
    if (cache.holds(commit, file)) {
      return Optional.of(cache.pointer(commit, file));
    }
    if (cache.knowsMissing(commit, file)) {
      return Optional.empty();
    }
    if (at.unreachable().isPresent()) {
      HubException why = at.unreachable().get();
      throw new HubException(
          why.reason(),
          "%s of %s is not in the cache %s, and the hub is not asked: %s"
              .formatted(file, name(), cache.root(), why.getMessage()),
          why);
    }
    if (at.files().isPresent() && !at.files().get().contains(file)) {
      cache.rememberMissing(commit, file);
      return Optional.empty();
    }
    Optional<RemoteFile> remote = head(commit, file, Retries.of(settings));
    if (remote.isEmpty()) {
      return Optional.empty();
    }
    if (!remote.get().commit().equals(commit)) {
      throw new HubException(
          HubException.Reason.BAD_ANSWER,
          "%s was asked for the commit %s of %s and answers with %s; check HF_ENDPOINT and the proxy"
              .formatted(settings.endpoint(), commit, repository, remote.get().commit()));
    }
    return Optional.of(new BlobDownload(settings, http, cache, remote.get()).run());
  }

  /** What the hub says about a file, empty if it has none of that name. */
  private Optional<RemoteFile> head(String at, String file, Retries retries) {
    URI address = http.file(repository, at, file);
    return retries.run(
        "ask for %s of %s".formatted(file, repository),
        () -> {
          try (Answer answer = http.head(address)) {
            if (HubErrors.isFileMissing(answer)) {
              Optional<String> commit = answer.header("X-Repo-Commit").filter(HubNames::isCommit);
              commit.ifPresent(
                  known -> {
                    cache.remember(revision, known);
                    cache.rememberMissing(known, file);
                  });
              return Optional.empty();
            }
            if (answer.isSuccess() || answer.isRedirect()) {
              return Optional.of(RemoteFile.of(repository, file, address, answer));
            }
            throw HubErrors.of(settings, repository, at, Optional.of(file), answer);
          }
        });
  }

  private synchronized Pinned pin() {
    Pinned now = pinned;
    if (now == null) {
      now = pin(this::ask);
      pinned = now;
    }
    return now;
  }

  private Pinned ask() {
    return list(revision, retries())
        .map(
            listing -> new Pinned(listing.commit(), Optional.of(listing.files()), Optional.empty()))
        .orElseGet(() -> askFor(PROBE));
  }

  private Pinned askFor(String file) {
    String commit =
        head(revision, file, retries())
            .map(RemoteFile::commit)
            .or(() -> cache.commit(revision)) // noted when the hub said that the file is missing
            .orElseThrow(() -> noFile(file));
    return new Pinned(commit, Optional.empty(), Optional.empty());
  }

  /** Without any when the cache can stand in. */
  private Retries retries() {
    return cache.commit(revision).filter(cache::holdsSnapshot).isPresent()
        ? new Retries(0, settings.retryDelay())
        : Retries.of(settings);
  }

  private Pinned pin(Supplier<Pinned> ask) {
    Optional<String> known = cache.commit(revision);
    if (settings.offline()) {
      HubException offline =
          new HubException(
              HubException.Reason.OFFLINE,
              "HF_HUB_OFFLINE or the client's own setting forbids it; unset it to download");
      return new Pinned(
          known
              .filter(cache::holdsSnapshot)
              .orElseThrow(() -> notCached(HubException.Reason.OFFLINE, offline)),
          Optional.empty(),
          Optional.of(offline));
    }
    if (HubNames.isCommit(revision)) {
      return new Pinned(revision, Optional.empty(), Optional.empty());
    }
    try {
      Pinned now = ask.get();
      cache.remember(revision, now.commit());
      return now;
    } catch (HubException e) {
      Optional<String> cached = known.filter(cache::holdsSnapshot);
      if (cached.isEmpty() || e.reason() == HubException.Reason.INVALID) {
        throw e;
      }
      LOGGER.log(
          System.Logger.Level.WARNING,
          "{0} is taken from the cache as it was (commit {1}): {2}",
          name(),
          cached.get().substring(0, 8),
          e.getMessage());
      return new Pinned(cached.get(), Optional.empty(), Optional.of(e));
    }
  }

  private HubException notCached(HubException.Reason reason, HubException why) {
    return new HubException(
        reason,
        "%s is not in the cache %s, and the hub is not asked: %s"
            .formatted(name(), cache.root(), why.getMessage()),
        why);
  }

  /** What the hub tells about the repository, empty if it is a mirror that tells nothing. */
  private Optional<Listing> list(String at, Retries retries) {
    URI address = http.info(repository, at);
    return retries.run(
        "ask %s for %s".formatted(settings.endpoint(), repository),
        () -> {
          try (Answer answer = http.get(address, 0)) {
            if (answer.isSuccess()) {
              return listing(http.readAll(answer, Json.MAX_FILE_BYTES));
            }
            boolean unknownHere =
                answer.errorCode().isEmpty()
                    && (answer.status() == 404 || answer.status() == 405 || answer.status() == 501);
            if (unknownHere) {
              return Optional.empty();
            }
            throw HubErrors.of(settings, repository, at, Optional.empty(), answer);
          }
        });
  }

  private Optional<Listing> listing(byte[] json) {
    ObjectNode info;
    try {
      info = Json.readObject(json);
    } catch (IOException e) {
      LOGGER.log(
          System.Logger.Level.DEBUG,
          "{0} does not tell what {1} holds: {2}",
          settings.endpoint(),
          repository,
          OneLine.reason(e));
      return Optional.empty();
    }
    JsonNode sha = info.get("sha");
    if (sha == null || !sha.isString() || !HubNames.isCommit(sha.stringValue())) {
      return Optional.empty();
    }
    JsonNode siblings = info.get("siblings");
    if (siblings == null || !siblings.isArray()) {
      return Optional.empty();
    }
    Set<String> files = new HashSet<>();
    for (JsonNode sibling : siblings) {
      JsonNode name = sibling.get("rfilename");
      // A name that cannot be a path here is none that is asked for.
      if (name != null && name.isString() && HubNames.isRelativePath(name.stringValue())) {
        files.add(name.stringValue());
      }
    }
    return Optional.of(new Listing(sha.stringValue(), Set.copyOf(files)));
  }

  /** Downloads several files at once. */
  void getAll(List<String> files) {
    Parallel.forEach(files, settings.parallel(), this::get);
  }
}
