package io.github.vit4j.hub;

import io.github.vit4j.error.OneLine;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * A lock of the cache, against other threads, other processes and Python. Nothing in the cache is
 * wrong without it; it spares downloading the same file twice.
 *
 * <p>It is the lock that Python's {@code filelock} takes: {@code flock(2)} on Linux and macOS, the
 * system's own on Windows, which is Java's there. The lock's file stays, as Python leaves it.
 */
final class CacheLock implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(50); // filelock's poll_interval
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final System.Logger LOGGER = System.getLogger(HubClient.class.getName());

  private final AutoCloseable held;

  private CacheLock(AutoCloseable held) {
    this.held = held;
  }

  /**
   * Waits for the lock.
   *
   * @param file made if it is not there
   * @throws IOException if it cannot be made
   */
  static CacheLock acquire(Path file) throws IOException, InterruptedException {
    long begun = System.nanoTime();
    boolean told = false;
    while (true) {
      create(file);
      Optional<CacheLock> lock =
          Flock.instance().isPresent() ? tryFlock(Flock.instance().get(), file) : tryJava(file);
      if (lock.isPresent()) {
        return lock.get();
      }
      if (!told && System.nanoTime() - begun > PATIENCE.toNanos()) {
        told = true;
        LOGGER.log(
            System.Logger.Level.WARNING,
            "waiting for another process, which downloads the same file (it holds {0})",
            file);
      }
      Thread.sleep(PAUSE);
    }
  }

  /** Writable for the group as {@code WeakFileLock} makes it, for users who share a cache. */
  private static void create(Path file) throws IOException {
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    try {
      Files.createFile(file);
    } catch (FileAlreadyExistsException e) {
      return;
    }
    try {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));
    } catch (IOException | UnsupportedOperationException e) {
      // A file system without permissions.
    }
  }

  private static Optional<CacheLock> tryFlock(Flock flock, Path file) {
    Optional<Flock.Descriptor> opened = flock.open(file);
    if (opened.isEmpty()) {
      return Files.exists(file) ? withoutLock(file, "it cannot be opened") : Optional.empty();
    }
    Flock.Descriptor descriptor = opened.get();
    Flock.Outcome outcome = descriptor.tryLock();
    // Some versions of filelock remove the file: a lock on a removed one keeps nobody out.
    if (outcome == Flock.Outcome.LOCKED
        && descriptor.inode().map(inode -> isSame(inode, file)).orElse(true)) {
      return Optional.of(new CacheLock(descriptor));
    }
    descriptor.close();
    return outcome == Flock.Outcome.UNSUPPORTED
        ? withoutLock(file, "the file system has no locks")
        : Optional.empty();
  }

  private static boolean isSame(Path inode, Path file) {
    try {
      return Files.getAttribute(inode, "unix:ino").equals(Files.getAttribute(file, "unix:ino"));
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return true;
    }
  }

  private static Optional<CacheLock> tryJava(Path file) {
    FileChannel channel;
    try {
      channel = FileChannel.open(file, StandardOpenOption.WRITE);
    } catch (IOException e) {
      return withoutLock(file, OneLine.reason(e));
    }
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return Optional.of(new CacheLock(channel));
      }
      close(channel);
      return Optional.empty();
    } catch (OverlappingFileLockException e) {
      close(channel);
      return Optional.empty();
    } catch (IOException e) {
      close(channel);
      return withoutLock(file, OneLine.reason(e));
    }
  }

  private static Optional<CacheLock> withoutLock(Path file, String reason) {
    LOGGER.log(System.Logger.Level.DEBUG, "no lock on {0}: {1}", file, reason);
    return Optional.of(new CacheLock(() -> {}));
  }

  private static void close(AutoCloseable held) {
    try {
      held.close();
    } catch (Exception e) {
      LOGGER.log(System.Logger.Level.DEBUG, "a lock of the cache was not released: {0}", e);
    }
  }

  @Override
  public void close() {
    close(held);
  }
}
