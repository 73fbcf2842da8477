package io.github.vit4j.hub;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * {@code flock(2)} on Linux and macOS. Python's {@code filelock} takes this lock; Java's own {@code
 * FileLock} is another there ({@code fcntl}), and the two do not see each other.
 */
final class Flock {
  /** What became of an attempt. */
  enum Outcome {
    LOCKED,
    BUSY,
    /** The file system has no such locks. */
    UNSUPPORTED
  }

  private static final System.Logger LOGGER = System.getLogger(HubClient.class.getName());
  private static final boolean LINUX =
      System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux");
  private static final boolean MAC =
      System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("mac");

  private static final int O_RDWR = 2;
  private static final int O_CLOEXEC = LINUX ? 0x80000 : 0x1000000;
  private static final int LOCK_EX = 2;
  private static final int LOCK_NB = 4;
  private static final int EACCES = 13;
  private static final int EINTR = 4;
  private static final int EAGAIN = LINUX ? 11 : 35;

  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final class Holder {
    static final Optional<Flock> INSTANCE = load();
  }

  private final MethodHandle open;
  private final MethodHandle flock;
  private final MethodHandle close;

  @SuppressWarnings("restricted") // where it is forbidden, load() goes without
  private Flock(Linker linker) {
    SymbolLookup libc = linker.defaultLookup();
    Linker.Option errno = Linker.Option.captureCallState("errno");
    ValueLayout.OfInt integer = ValueLayout.JAVA_INT;
    // open(path, flags, ...) is variadic.
    this.open =
        linker.downcallHandle(
            libc.find("open").orElseThrow(),
            FunctionDescriptor.of(integer, ValueLayout.ADDRESS, integer),
            errno,
            Linker.Option.firstVariadicArg(2));
    this.flock =
        linker.downcallHandle(
            libc.find("flock").orElseThrow(),
            FunctionDescriptor.of(integer, integer, integer),
            errno);
    this.close =
        linker.downcallHandle(
            libc.find("close").orElseThrow(), FunctionDescriptor.of(integer, integer));
  }

  /** The system's, empty on others and where native access is forbidden. */
  static Optional<Flock> instance() {
    return Holder.INSTANCE;
  }

  private static Optional<Flock> load() {
    if (!LINUX && !MAC) {
      return Optional.empty();
    }
    try {
      return Optional.of(new Flock(Linker.nativeLinker()));
    } catch (RuntimeException | LinkageError e) {
      LOGGER.log(
          System.Logger.Level.INFO,
          "flock(2) cannot be called ({0}): Python is not kept from downloading the same file at the same time; start Java with --enable-native-access=ALL-UNNAMED",
          String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  /** A file that was opened for locking. */
  final class Descriptor implements AutoCloseable {
    private final int number;

    private Descriptor(int number) {
      this.number = number;
    }

    /** Tries to take the lock, without waiting. */
    Outcome tryLock() {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment state = arena.allocate(STATE);
        while (true) {
          if (call(state, number, LOCK_EX | LOCK_NB) == 0) {
            return Outcome.LOCKED;
          }
          int error = (int) ERRNO.get(state, 0L);
          if (error != EINTR) {
            return error == EAGAIN || error == EACCES ? Outcome.BUSY : Outcome.UNSUPPORTED;
          }
        }
      }
    }

    /** The way to this file that needs no name, on Linux. */
    Optional<Path> inode() {
      return LINUX ? Optional.of(Path.of("/proc/self/fd/" + number)) : Optional.empty();
    }

    /** Releases the lock, too. */
    @Override
    public void close() {
      int _ = call(number);
    }
  }

  /** Opens a file that is there; empty if that fails. */
  Optional<Descriptor> open(Path file) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int number =
          call(state, arena.allocateFrom(file.toAbsolutePath().toString()), O_RDWR | O_CLOEXEC);
      return number < 0 ? Optional.empty() : Optional.of(new Descriptor(number));
    }
  }

  private int call(MemorySegment state, MemorySegment path, int flags) {
    try {
      return (int) open.invokeExact(state, path, flags);
    } catch (Throwable e) {
      throw new IllegalStateException("open(2)", e);
    }
  }

  private int call(MemorySegment state, int number, int operation) {
    try {
      return (int) flock.invokeExact(state, number, operation);
    } catch (Throwable e) {
      throw new IllegalStateException("flock(2)", e);
    }
  }

  private int call(int number) {
    try {
      return (int) close.invokeExact(number);
    } catch (Throwable e) {
      throw new IllegalStateException("close(2)", e);
    }
  }
}
