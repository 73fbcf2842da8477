package io.github.vit4j.pipeline;

import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.ImageException;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.error.ViTException;
import io.github.vit4j.image.RgbImage;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Spliterator;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Many pictures through decoding, preprocessing and an engine at once, results in the order of the
 * sources. Readers take sources and fill the rows of batches; callers run full batches; whoever
 * pulls the stream is handed the results of the oldest batch. A source is taken only while there is
 * room for its batch, which bounds memory however slow the one who pulls is.
 *
 * <p>A row belongs to a source, not to whichever reader is first, so that a batch holds the same
 * pictures every time.
 */
final class ImageStream<S, T> implements Spliterator<ImageResult<S, T>> {
  /**
   * What is done with pictures.
   *
   * @param processor makes pixel values of them
   * @param config tells the shape that the model takes
   * @param run computes a result for each entry of the first dimension of [n, channels, height,
   *     width]; throws an {@link InvalidInputException} if they do not fit the model
   */
  record Work<T>(ViTImageProcessor processor, ViTConfig config, Function<Tensor, List<T>> run) {
    Tensor allocate(Arena arena, int images) {
      return Tensor.allocate(
          arena,
          ElementType.FLOAT32,
          images,
          config.numChannels(),
          config.imageSize().height(),
          config.imageSize().width());
    }
  }

  /** What became of a source, in its batch. */
  private static final class Slot<S, T> {
    final @Nullable S source;
    @Nullable T value;
    @Nullable ViTException error;

    /** Ends the stream when its turn comes. */
    @Nullable Throwable fatal;

    Slot(@Nullable S source) {
      this.source = source;
    }

    boolean isPrepared() {
      return value == null && error == null && fatal == null;
    }
  }

  /** Pictures that go through the engine together. */
  private static final class Batch<S, T> {
    final List<Slot<S, T>> slots = new ArrayList<>();

    /** Returned to the others once it was run. */
    final Tensor pixelValues;

    /** Slots that are being read. */
    int pending;

    /** No more slots are added. */
    boolean sealed;

    boolean done;
    int handedOut;

    Batch(Tensor pixelValues) {
      this.pixelValues = pixelValues;
    }
  }

  private static final Tensor NO_PIXELS = Tensor.of(new float[0], 0);

  private final Stream<S> stream;
  private final Function<? super S, RgbImage> reader;
  private final Work<T> work;
  private final StreamOptions options;
  private final List<Thread> readers = new ArrayList<>();
  private final List<Thread> callers = new ArrayList<>();
  private final Arena arena = Arena.ofShared();

  /** Held while a source is taken, which may take long: sources are taken one after the other. */
  private final ReentrantLock taking = new ReentrantLock();

  private @Nullable Spliterator<S> sources; // guarded by taking

  /** Guards everything below; never held while foreign code runs. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition room = lock.newCondition();
  private final Condition batchFull = lock.newCondition();
  private final Condition batchDone = lock.newCondition();

  /** From the oldest whose results are not all handed out to the one that is being filled. */
  private final Deque<Batch<S, T>> underWay = new ArrayDeque<>();

  private final Deque<Batch<S, T>> full = new ArrayDeque<>();
  private final Deque<Tensor> spare = new ArrayDeque<>();
  private @Nullable Batch<S, T> filling;
  private boolean exhausted;
  private boolean started;
  private boolean stopped;
  private boolean closed;
  private boolean finished;

  private ImageStream(
      Stream<S> stream,
      Function<? super S, RgbImage> reader,
      Work<T> work,
      StreamOptions resolved) {
    this.stream = stream;
    this.reader = reader;
    this.work = work;
    this.options = resolved;
  }

  /**
   * {@return the results of {@code sources}, lazily; to be closed}
   *
   * @param options without zeros
   */
  static <S, T> Stream<ImageResult<S, T>> of(
      Stream<S> sources,
      Function<? super S, RgbImage> reader,
      Work<T> work,
      StreamOptions options) {
    Objects.requireNonNull(sources, "sources");
    Objects.requireNonNull(reader, "reader");
    ImageStream<S, T> images = new ImageStream<>(sources, reader, work, options);
    return StreamSupport.stream(images, false).onClose(images::stop).onClose(sources::close);
  }

  // ---- whoever pulls ----

  @Override
  public boolean tryAdvance(Consumer<? super ImageResult<S, T>> action) {
    Slot<S, T> slot = null;
    try {
      start();
      slot = next();
    } finally {
      if (slot == null || slot.fatal != null) {
        finished = true;
        stop(); // at the end, and whatever was thrown
      }
    }
    if (slot == null) {
      return false;
    }
    switch (slot.fatal) {
      case null -> {}
      case RuntimeException failure -> throw failure;
      case Error failure -> throw failure;
      // Nothing that runs here declares one; a language without checked exceptions may throw one.
      case Throwable failure -> throw new IllegalStateException(failure);
    }
    action.accept(new ImageResult<>(Objects.requireNonNull(slot.source), slot.value, slot.error));
    return true;
  }

  private void start() {
    lock.lock();
    try {
      if (started || stopped) {
        return;
      }
      started = true;
      for (int i = 1; i <= options.readers(); i++) {
        readers.add(daemon("vit4j-reader-" + i, this::readSources));
      }
      for (int i = 1; i <= options.callers(); i++) {
        callers.add(daemon("vit4j-caller-" + i, this::runBatches));
      }
    } finally {
      lock.unlock();
    }
  }

  /** Daemons: a stream that nobody closes does not keep the JVM from ending. */
  private static Thread daemon(String name, Runnable body) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** Waits for the next result; null at the end. */
  private @Nullable Slot<S, T> next() {
    lock.lock();
    try {
      while (true) {
        if (finished) {
          return null;
        }
        if (stopped) {
          throw new IllegalStateException("the stream of images is closed");
        }
        Batch<S, T> oldest = underWay.peek();
        if (oldest == null ? exhausted : oldest.done) {
          return oldest == null ? null : handOut(oldest);
        }
        batchDone.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      CancellationException cancelled =
          new CancellationException("interrupted while waiting for the next image's result");
      cancelled.initCause(e);
      throw cancelled;
    } finally {
      lock.unlock();
    }
  }

  private Slot<S, T> handOut(Batch<S, T> batch) {
    Slot<S, T> slot = batch.slots.get(batch.handedOut++);
    if (batch.handedOut == batch.slots.size()) {
      underWay.remove();
      room.signalAll();
    }
    return slot;
  }

  // ---- readers ----

  /** A source's place. */
  private record Place<S, T>(S source, Batch<S, T> batch, int index, Slot<S, T> slot) {}

  private void readSources() {
    for (Place<S, T> place = take(); place != null; place = take()) {
      try {
        read(place);
      } catch (Throwable e) {
        place.slot().fatal = e;
      }
      lock.lock();
      try {
        if (place.slot().fatal != null) {
          endOfSources();
        }
        place.batch().pending--;
        passOnIfFull(place.batch());
      } finally {
        lock.unlock();
      }
    }
  }

  private void read(Place<S, T> place) {
    Slot<S, T> slot = place.slot();
    RgbImage image;
    try {
      image = reader.apply(place.source());
    } catch (ViTException e) {
      slot.error = e;
      return;
    }
    try {
      Tensor row = place.batch().pixelValues.slice(place.index());
      if (!work.processor().preprocessInto(image, work.config(), row)) {
        // Of another size than the model's: it cannot be in a batch, and the model says so.
        slot.value =
            work.run()
                .apply(work.processor().preprocess(Arena.ofAuto(), List.of(image), work.config()))
                .getFirst();
      }
    } catch (ImageException | InvalidInputException e) {
      slot.error = e;
    }
  }

  /** Waits until there is room for a source, and takes it; null if there is none to take. */
  private @Nullable Place<S, T> take() {
    taking.lock();
    try {
      if (!awaitRoom()) {
        return null;
      }
      S source;
      try {
        source = pull();
      } catch (Throwable e) {
        lock.lock();
        try {
          endWith(e);
        } finally {
          lock.unlock();
        }
        return null;
      }
      lock.lock();
      try {
        if (source == null || exhausted || stopped) {
          endOfSources();
          return null;
        }
        Batch<S, T> batch = batchToFill();
        Slot<S, T> slot = new Slot<>(source);
        batch.slots.add(slot);
        batch.pending++;
        if (batch.slots.size() == options.batchSize()) {
          batch.sealed = true;
          filling = null;
        }
        return new Place<>(source, batch, batch.slots.size() - 1, slot);
      } catch (Throwable e) {
        // No memory for a batch, say.
        endWith(e);
        return null;
      } finally {
        lock.unlock();
      }
    } finally {
      taking.unlock();
    }
  }

  private boolean awaitRoom() {
    lock.lock();
    try {
      while (!stopped
          && !exhausted
          && filling == null
          && underWay.size() >= options.batchesUnderWay()) {
        room.awaitUninterruptibly();
      }
      return !stopped && !exhausted;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable S pull() {
    Spliterator<S> from = sources;
    if (from == null) {
      from = stream.spliterator();
      sources = from;
    }
    List<S> taken = new ArrayList<>(1);
    return from.tryAdvance(source -> taken.add(Objects.requireNonNull(source, "a null source")))
        ? taken.getFirst()
        : null;
  }

  private Batch<S, T> batchToFill() {
    Batch<S, T> batch = filling;
    if (batch == null) {
      Tensor recycled = spare.poll();
      batch = new Batch<>(recycled == null ? work.allocate(arena, options.batchSize()) : recycled);
      underWay.add(batch);
      filling = batch;
    }
    return batch;
  }

  /** Ends the stream behind what is under way, with a failure that belongs to no source. */
  private void endWith(Throwable failure) {
    if (exhausted || stopped) {
      return; // nobody would come that far
    }
    endOfSources();
    Slot<S, T> slot = new Slot<>(null);
    slot.fatal = failure;
    Batch<S, T> last = new Batch<>(NO_PIXELS);
    last.slots.add(slot);
    last.done = true;
    underWay.add(last);
  }

  private void endOfSources() {
    exhausted = true;
    Batch<S, T> last = filling;
    filling = null;
    if (last != null) {
      last.sealed = true;
      passOnIfFull(last);
    }
    room.signalAll();
    batchDone.signalAll();
  }

  private void passOnIfFull(Batch<S, T> batch) {
    if (batch.sealed && batch.pending == 0) {
      full.add(batch);
      batchFull.signal();
    }
  }

  // ---- callers ----

  private void runBatches() {
    for (Batch<S, T> batch = nextFull(); batch != null; batch = nextFull()) {
      List<Slot<S, T>> prepared = batch.slots.stream().filter(Slot::isPrepared).toList();
      try {
        run(batch, prepared);
      } catch (Throwable e) {
        prepared.forEach(slot -> slot.fatal = e);
      }
      lock.lock();
      try {
        batch.done = true;
        spare.add(batch.pixelValues);
        if (batch.slots.stream().anyMatch(slot -> slot.fatal != null)) {
          endOfSources();
        }
        batchDone.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private @Nullable Batch<S, T> nextFull() {
    lock.lock();
    try {
      while (!stopped && full.isEmpty()) {
        batchFull.awaitUninterruptibly();
      }
      return stopped ? null : full.remove();
    } finally {
      lock.unlock();
    }
  }

  private void run(Batch<S, T> batch, List<Slot<S, T>> prepared) {
    if (prepared.isEmpty()) {
      return;
    }
    // Rows move up over those of pictures that could not be read.
    for (int from = 0, to = 0; from < batch.slots.size(); from++) {
      if (batch.slots.get(from).isPrepared()) {
        if (to < from) {
          batch.pixelValues.slice(to).data().copyFrom(batch.pixelValues.slice(from).data());
        }
        to++;
      }
    }
    List<T> values = work.run().apply(batch.pixelValues.slice(0, prepared.size()));
    for (int i = 0; i < prepared.size(); i++) {
      prepared.get(i).value = Objects.requireNonNull(values.get(i));
    }
  }

  // ---- the end ----

  /** Stops the work, waits for the threads and frees the memory; afterwards does nothing. */
  private void stop() {
    lock.lock();
    try {
      stopped = true;
      room.signalAll();
      batchFull.signalAll();
      batchDone.signalAll();
    } finally {
      lock.unlock();
    }
    // They may wait for a source, or for bytes of a picture. Engines are not interrupted.
    readers.forEach(Thread::interrupt);
    boolean interrupted = false;
    for (List<Thread> threads : Arrays.asList(readers, callers)) {
      for (Thread thread : threads) {
        interrupted |= join(thread);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        underWay.clear();
        full.clear();
        spare.clear();
        arena.close();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the end of a thread, and tells whether this one was interrupted meanwhile. */
  private static boolean join(Thread thread) {
    boolean interrupted = false;
    while (thread != Thread.currentThread()) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    return interrupted;
  }

  // ---- as a stream ----

  /** Not split: that would read far ahead. */
  @Override
  public @Nullable Spliterator<ImageResult<S, T>> trySplit() {
    return null;
  }

  @Override
  public long estimateSize() {
    return Long.MAX_VALUE;
  }

  @Override
  public int characteristics() {
    return ORDERED | NONNULL;
  }
}
