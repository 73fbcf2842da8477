package io.github.vit4j.spi;

import io.github.vit4j.weights.Weight;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Where the numbers of a model come from. */
public sealed interface ModelSource {
  /**
   * Weights, checked to be complete and of the right shapes.
   *
   * @param byName by canonical name ({@link io.github.vit4j.weights.ParameterNames}); float64,
   *     float32, float16 or bfloat16. Their memory stays valid for as long as the weights are
   *     reachable: an engine that keeps reading it natively keeps a reference.
   */
  record Weights(Map<String, Weight> byName) implements ModelSource {
    /** Copies the map, keeping its order. */
    public Weights {
      byName = Collections.unmodifiableMap(new LinkedHashMap<>(byName));
    }
  }

  /**
   * A graph that somebody exported, with the weights inside or beside it. Only engines that read
   * the format can run it.
   *
   * @param file an ONNX file
   */
  record ExportedOnnx(Path file) implements ModelSource {}
}
