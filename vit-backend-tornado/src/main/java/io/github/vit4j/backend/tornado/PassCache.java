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

/** The forward passes of a session that are ready to run; the ones used last are kept. */
final class PassCache implements AutoCloseable {
  /** A batch that does not divide evenly needs two; a session with two kinds of runs, four. */
  static final int MAX_PASSES = 4;

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
      makeRoom();
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
      entries.put(key, known);
    }
    return known;
  }

  /** First, so that never more than the maximum take memory. */
  private void makeRoom() {
    Iterator<Entry> eldest = entries.values().iterator();
    if (entries.size() >= MAX_PASSES) {
      eldest.next().prepared.close();
      eldest.remove();
    }
  }

  @Override
  public void close() {
    entries.values().forEach(entry -> entry.prepared.close());
    entries.clear();
  }

  /** A pass and the memory that it runs in. */
  record Entry(ForwardPass pass, PreparedPass prepared) {}

  private record Key(
      int images, ImageSize size, boolean interpolated, boolean masked, Set<Output> outputs) {}
}
