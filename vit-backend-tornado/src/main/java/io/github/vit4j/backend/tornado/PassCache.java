package io.github.vit4j.backend.tornado;

import io.github.vit4j.backend.tornado.PassExecutor.PreparedPass;
import io.github.vit4j.config.ImageSize;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.ViTInputs;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The forward passes of a session that are ready to run; the ones used last are kept, as many as
 * the executor wants.
 */
final class PassCache implements AutoCloseable {
  private final ModelDefinition model;
  private final PackedWeights weights;
  private final PositionTable positions;
  private final PassExecutor executor;
  private final Map<Key, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

  PassCache(
      ModelDefinition model,
      PackedWeights weights,
      PositionTable positions,
      PassExecutor executor) {
    this.model = model;
    this.weights = weights;
    this.positions = positions;
    this.executor = executor;
  }

  /**
   * The pass for {@code images} of the images of {@code inputs}.
   *
   * @throws ArithmeticException if an array cannot be as large as it would have to be
   */
  Entry get(ViTInputs inputs, int images) {
    Key key =
        new Key(
            images,
            inputs.imageSize(),
            inputs.needsInterpolation(model.config()),
            inputs.boolMaskedPos() != null,
            inputs.outputs());
    Entry known = entries.get(key);
    if (known == null) {
      // First, so that never more than the maximum take memory.
      closeEldest(executor.passesToKeep() - 1, Long.MAX_VALUE);
      ForwardPass pass =
          ForwardPassBuilder.build(
              model.config(),
              weights,
              inputs.outputs(),
              images,
              inputs.imageSize(),
              key.masked,
              positions.rows(inputs));
      known = new Entry(pass, executor.prepare(pass));
      closeEldest(Integer.MAX_VALUE, executor.bytesToKeep() - known.prepared.bytes());
      entries.put(key, known);
    }
    return known;
  }

  /** Leaves {@code count} passes or fewer, with {@code bytes} or less. */
  private void closeEldest(int count, long bytes) {
    long left = entries.values().stream().mapToLong(entry -> entry.prepared.bytes()).sum();
    Iterator<Entry> eldest = entries.values().iterator();
    while (eldest.hasNext() && (entries.size() > count || left > bytes)) {
      PreparedPass closing = eldest.next().prepared;
      left -= closing.bytes();
      eldest.remove(); // even if it cannot be closed
      closing.close();
    }
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Closes all passes; new ones can be made afterwards. */
  @Override
  public void close() {
    RuntimeException failure = null;
    for (Entry entry : entries.values()) {
      try {
        entry.prepared.close();
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    entries.clear();
    if (failure != null) {
      throw failure;
    }
  }

  /** A pass and the memory that it runs in. */
  record Entry(ForwardPass pass, PreparedPass prepared) {}

  private record Key(
      int images, ImageSize size, boolean interpolated, boolean masked, Set<Output> outputs) {}
}
