package io.github.vit4j.backend.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.OneLine;
import io.github.vit4j.spi.Precision;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The graphs of one model, each an ONNX Runtime session, created when they are first asked for.
 *
 * <p>ONNX Runtime repacks weights for its matrix products, which takes as much memory as the
 * weights themselves, and through its Java interface sessions cannot share what they packed. So
 * only one graph is packed: the first that is run. The others multiply with the weights as they lie
 * in the checkpoint, which is slower by about an eighth. In int8 every graph is packed: what ONNX
 * Runtime multiplies with has to be made in any case, and takes a quarter of the memory.
 *
 * <p>Thread-safe, but {@link #close} must not be called while a graph is in use.
 */
final class GraphCache implements AutoCloseable {
  private final OrtEnvironment environment;
  private final ViTConfig config;
  private final WeightSource weights;
  private final OrtOptions options;
  private final Precision precision;
  private final Map<GraphKey, OrtSession> others = new HashMap<>();
  private @Nullable Packed packed;

  GraphCache(
      OrtEnvironment environment,
      ViTConfig config,
      WeightSource weights,
      OrtOptions options,
      Precision precision) {
    this.environment = environment;
    this.config = config;
    this.weights = weights;
    this.options = options;
    this.precision = precision;
  }

  /** Creates the graph that is probably run first; thrown away if another one is. */
  synchronized void prepare(GraphKey key) {
    packed = new Packed(key, create(key, true));
  }

  /**
   * The graph for {@code key}, created if there is none yet.
   *
   * @throws BackendException if ONNX Runtime cannot load it, or a file was written to since its
   *     weights were mapped
   */
  synchronized OrtSession get(GraphKey key) {
    Packed packed = this.packed;
    if (packed != null && packed.key.equals(key)) {
      packed.used = true;
      return packed.session;
    }
    if (packed == null || !packed.used) {
      if (packed != null) { // prepared for nothing
        this.packed = null;
        close(packed.session);
      }
      packed = new Packed(key, create(key, true));
      packed.used = true;
      this.packed = packed;
      return packed.session;
    }
    OrtSession session = others.get(key);
    if (session == null) {
      session = create(key, false);
      others.put(key, session);
    }
    return session;
  }

  /**
   * Creates a graph from the files where they are still those that were mapped, both before and
   * after ONNX Runtime opened them, and from the mapped memory otherwise.
   */
  private OrtSession create(GraphKey key, boolean pack) {
    if (precision == Precision.INT8) {
      return createQuantized(key);
    }
    if (!weights.filesAreUnchanged()) {
      return create(key, pack, weights.inMemory(), null);
    }
    OrtSession session;
    try {
      session = create(key, pack, weights.inFiles(), null);
    } catch (BackendException e) {
      if (weights.filesAreUnchanged()) {
        throw e;
      }
      return create(key, pack, weights.inMemory(), null);
    }
    boolean unchanged = false;
    try {
      unchanged = weights.filesAreUnchanged();
    } finally {
      if (!unchanged) {
        close(session);
      }
    }
    return unchanged ? session : create(key, pack, weights.inMemory(), null);
  }

  /** The file with the 8-bit weights takes the one place that ONNX Runtime has for a folder. */
  private OrtSession createQuantized(GraphKey key) {
    boolean intact = false;
    OrtSession session = null;
    try (QuantizedWeights quantized = new QuantizedWeights(weights::weight)) {
      session = create(key, true, weights.inMemory(), quantized);
      weights.filesAreUnchanged(); // throws if one was written to while it was quantised
      intact = true;
      return session;
    } finally {
      if (session != null && !intact) {
        close(session);
      }
    }
  }

  private OrtSession create(
      GraphKey key,
      boolean pack,
      WeightSource.Access weights,
      @Nullable QuantizedWeights quantized) {
    Map<String, long[]> used = new LinkedHashMap<>();
    byte[] graph = ViTGraph.build(config, key, weights, used, quantized);
    if (quantized != null) {
      quantized.write();
    }
    try (OrtSession.SessionOptions sessionOptions = options.create()) {
      Path directory = quantized == null ? weights.directory() : quantized.directory();
      if (directory != null) {
        sessionOptions.addConfigEntry(
            "session.model_external_initializers_file_folder_path", directory.toString());
      }
      if (quantized != null && !IntegerProducts.areExact()) {
        sessionOptions.addConfigEntry(IntegerProducts.UNSIGNED_WEIGHTS, "1");
      }
      if (!pack) {
        sessionOptions.addConfigEntry("session.disable_prepacking", "1");
      }
      var buffers = weights.buffers(environment, used);
      if (!buffers.isEmpty()) {
        sessionOptions.addExternalInitializers(buffers);
      }
      return environment.createSession(graph, sessionOptions);
    } catch (OrtException e) {
      throw new BackendException(
          "ONNX Runtime could not load the model%s: %s; check that its files are complete and unchanged"
              .formatted(
                  weights.directory() == null ? "" : " from " + weights.directory(),
                  OneLine.reason(e)),
          e);
    }
  }

  @Override
  public synchronized void close() {
    if (packed != null) {
      close(packed.session);
      packed = null;
    }
    others.values().forEach(GraphCache::close);
    others.clear();
    weights.close();
  }

  private static void close(OrtSession session) {
    try {
      session.close();
    } catch (OrtException e) {
      throw new BackendException("ONNX Runtime could not close: " + OneLine.reason(e), e);
    }
  }

  private static final class Packed {
    private final GraphKey key;
    private final OrtSession session;
    private boolean used;

    Packed(GraphKey key, OrtSession session) {
      this.key = key;
      this.session = session;
    }
  }
}
