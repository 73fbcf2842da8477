package io.github.vit4j.hub;

import io.github.vit4j.error.HubException;
import io.github.vit4j.error.OneLine;
import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Brings a file into the cache. The bytes go to {@code blobs/ETAG.incomplete}, where a later
 * attempt, also of another process, goes on; they get their final name when size and hash are
 * right. A lock keeps others from the same file meanwhile.
 */
final class BlobDownload {
  private static final System.Logger LOGGER = System.getLogger(HubClient.class.getName());
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes (\\d{1,18})-\\d{1,18}/(\\d{1,18}|\\*)");

  /** So much shows that a connection is worth more attempts. */
  private static final long PROGRESS = 1 << 20;

  /** Less in that many stall timeouts is as good as nothing. */
  private static final long TRICKLE_BYTES = 1 << 12;

  private static final int TRICKLE_TIMEOUTS = 6;

  private final HubSettings settings;
  private final HubHttp http;
  private final RepositoryCache cache;
  private final RemoteFile announced;

  /**
   * As far as any attempt came: a server that sends the same bytes again and again makes no
   * progress.
   */
  private long furthest;

  BlobDownload(HubSettings settings, HubHttp http, RepositoryCache cache, RemoteFile announced) {
    this.settings = settings;
    this.http = http;
    this.cache = cache;
    this.announced = announced;
  }

  /** The file in its snapshot, downloaded unless its bytes are there. */
  Path run() {
    String what = "download " + announced.shown();
    Path pointer = cache.pointer(announced.commit(), announced.name());
    Path blob = cache.blob(announced.etag());
    try {
      cache.prepare();
      try (CacheLock _ = CacheLock.acquire(cache.lock(announced.etag()))) {
        if (Files.isRegularFile(pointer)) {
          return pointer; // another process was faster
        }
        boolean isNew = !Files.isRegularFile(blob);
        if (isNew) {
          download(what, blob);
        }
        cache.publish(blob, announced.commit(), announced.name(), isNew);
      }
      return pointer;
    } catch (InterruptedException e) {
      throw Retries.interrupted(what, e);
    } catch (ClosedByInterruptException e) {
      throw Retries.interrupted(what, new InterruptedException());
    } catch (IOException e) {
      throw cache.failure(e);
    }
  }

  private void download(String what, Path blob) throws IOException {
    Path incomplete = blob.resolveSibling(announced.etag() + ".incomplete");
    checkRoom(incomplete);
    for (int attempt = 0; ; attempt++) {
      boolean resumed = Files.exists(incomplete);
      long size = Retries.of(settings).run(what, () -> fetch(incomplete));
      Optional<HubException> wrong = check(incomplete, size);
      if (wrong.isEmpty()) {
        break;
      }
      Files.delete(incomplete);
      furthest = 0;
      // What was left by an earlier attempt may be to blame, or a connection that garbles.
      if (attempt > 0) {
        throw wrong.get();
      }
      LOGGER.log(
          resumed ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING,
          "{0}; once again from the start",
          wrong.get().getMessage());
    }
    try (FileChannel channel = FileChannel.open(incomplete, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(incomplete, blob, StandardCopyOption.ATOMIC_MOVE);
  }

  private void checkRoom(Path incomplete) throws IOException {
    if (announced.size() < 0) {
      return;
    }
    long needed = announced.size() - (Files.exists(incomplete) ? Files.size(incomplete) : 0);
    FileStore disk = Files.getFileStore(incomplete.getParent());
    long free = disk.getUsableSpace();
    // Some file systems do not say how large they are.
    if (free < needed && disk.getTotalSpace() > 0) {
      throw new HubException(
          HubException.Reason.CACHE,
          "%s needs %d bytes more, and the disk of the cache %s has %d; make room, or set HF_HUB_CACHE to a folder on another disk"
              .formatted(announced.shown(), needed, cache.root(), free));
    }
  }

  private Optional<HubException> check(Path incomplete, long size) throws IOException {
    long actual = Files.size(incomplete);
    if (size >= 0 && actual != size) {
      return Optional.of(
          wrong("it has %d bytes instead of the %d that were announced".formatted(actual, size)));
    }
    if (!BlobHash.isHash(announced.etag())) {
      return Optional.empty();
    }
    String hash = BlobHash.of(incomplete, announced.etag());
    return hash.equals(announced.etag())
        ? Optional.empty()
        : Optional.of(wrong("its hash is %s instead of %s".formatted(hash, announced.etag())));
  }

  private HubException wrong(String problem) {
    return new HubException(
        HubException.Reason.BAD_ANSWER,
        "what was downloaded as %s is not what the hub announced: %s; try again, or check the proxy or mirror"
            .formatted(announced.shown(), problem));
  }

  /**
   * One attempt to complete the file.
   *
   * @return its size, as announced
   */
  private long fetch(Path incomplete) throws TransientFailure, InterruptedException {
    try (FileChannel channel =
        FileChannel.open(
            incomplete,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE,
            LinkOption.NOFOLLOW_LINKS)) {
      long present = channel.size();
      if (announced.size() >= 0 && present > announced.size()) {
        channel.truncate(0);
        present = 0;
      }
      furthest = Math.max(furthest, present);
      progress(present, announced.size());
      // An empty file is asked for too: the announcement may be wrong.
      if (present > 0 && present == announced.size()) {
        return present;
      }
      try (Answer answer = http.get(announced.address(), present)) {
        long from = start(answer, present);
        channel.truncate(from);
        channel.position(from);
        return copy(answer, channel, from);
      }
    } catch (ClosedByInterruptException e) {
      throw new InterruptedException();
    } catch (IOException e) {
      throw cache.failure(e);
    }
  }

  /** Where the bytes of an answer begin. */
  private long start(Answer answer, long present) throws TransientFailure {
    if (answer.status() == 206 && present > 0) {
      Matcher range = CONTENT_RANGE.matcher(answer.header("Content-Range").orElse(""));
      if (range.matches() && Long.parseLong(range.group(1)) == present) {
        return present;
      }
      return restart("the part from byte %d on was asked for, another came".formatted(present));
    }
    if (answer.status() == 416 && present > 0) {
      return restart("the hub has no bytes after %d".formatted(present));
    }
    if (answer.isSuccess()) {
      return 0; // all of it, also if a part was asked for
    }
    if (answer.status() == 403 && http.otherHost(answer.address()).isPresent()) {
      // The signature in the address has run out; the next attempt gets a new one.
      throw TransientFailure.busy(answer.describe(), Optional.empty());
    }
    throw HubErrors.of(
        settings,
        announced.repository(),
        announced.commit(),
        Optional.of(announced.name()),
        answer);
  }

  private long restart(String reason) throws TransientFailure {
    try {
      Files.deleteIfExists(cache.blob(announced.etag() + ".incomplete"));
    } catch (IOException e) {
      throw cache.failure(e);
    }
    throw TransientFailure.useless(reason);
  }

  private long copy(Answer answer, FileChannel channel, long from)
      throws TransientFailure, InterruptedException, IOException {
    long size = size(answer, from);
    long most = size >= 0 ? size : announced.maxBytes();
    long at = from;
    long windowBegun = System.nanoTime();
    long windowFrom = from;
    Duration stall = settings.stallTimeout();
    long window = stall.multipliedBy(TRICKLE_TIMEOUTS).toNanos();
    while (true) {
      List<ByteBuffer> part;
      try {
        part = answer.body().next(stall);
      } catch (HttpTimeoutException e) {
        throw cut("nothing arrives for %s s".formatted(HubHttp.seconds(stall)), at, size, e);
      } catch (IOException e) {
        throw cut("the connection was cut", at, size, e);
      }
      if (part == null) {
        break;
      }
      for (ByteBuffer buffer : part) {
        if (at + buffer.remaining() > most) {
          channel.truncate(0);
          throw size >= 0
              ? wrong("it has more than the %d bytes that were announced".formatted(size))
              : announced.tooLarge(most);
        }
        while (buffer.hasRemaining()) {
          at += channel.write(buffer);
        }
      }
      progress(at, size);
      long now = System.nanoTime();
      if (now - windowBegun > window) {
        if (at - windowFrom < TRICKLE_BYTES) {
          throw cut(
              "only %d bytes arrive in %s s"
                  .formatted(
                      at - windowFrom, HubHttp.seconds(stall.multipliedBy(TRICKLE_TIMEOUTS))),
              at,
              size,
              new HttpTimeoutException("too slow"));
        }
        windowBegun = now;
        windowFrom = at;
      }
    }
    if (size >= 0 && at < size) {
      throw cut("the connection was cut", at, size, new IOException("end of the answer"));
    }
    return size;
  }

  private TransientFailure cut(String reason, long at, long size, IOException cause) {
    boolean progressed = at - furthest >= PROGRESS;
    furthest = Math.max(furthest, at);
    return TransientFailure.cut(
        "%s after %d%s bytes".formatted(reason, at, size < 0 ? "" : " of " + size),
        progressed,
        cause);
  }

  /** The file's whole size, from the announcement or the answer. */
  private long size(Answer answer, long from) throws TransientFailure {
    Optional<Long> length = answer.bytes("Content-Length").map(rest -> from + rest);
    if (announced.size() >= 0) {
      if (length.isPresent() && length.get() != announced.size()) {
        String problem =
            "%d bytes were announced, %d are sent".formatted(announced.size(), length.get());
        if (from > 0) {
          return restart(problem); // what is there already may be to blame
        }
        throw wrong(problem);
      }
      return announced.size();
    }
    if (length.isPresent() && length.get() > announced.maxBytes()) {
      throw announced.tooLarge(length.get());
    }
    return length.orElse(-1L);
  }

  private void progress(long bytes, long size) {
    settings.listener().progress(OneLine.of(announced.shown()), bytes, size);
  }
}
