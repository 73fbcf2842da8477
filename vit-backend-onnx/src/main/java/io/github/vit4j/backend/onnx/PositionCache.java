package io.github.vit4j.backend.onnx;

import io.github.vit4j.config.ImageSize;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.PositionEmbeddings;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.ParameterNames;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Position embeddings for images of other sizes, with the CLS token added to the first; the latest
 * few are kept. Thread-safe.
 */
final class PositionCache {
  private static final int MAX_SIZES = 8;

  private final ModelDefinition model;
  private final Runnable check;
  private final Map<Grid, Tensor> bySize =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Grid, Tensor> eldest) {
          return size() > MAX_SIZES;
        }
      };

  /**
   * Remembers nothing yet.
   *
   * @param check called before weights are read; throws if they have changed
   */
  PositionCache(ModelDefinition model, Runnable check) {
    this.model = model;
    this.check = check;
  }

  /** float32 [1, 1 + patches, hidden size] for the images of {@code inputs}. */
  synchronized Tensor get(ViTInputs inputs) {
    ViTConfig config = model.config();
    boolean interpolated = inputs.needsInterpolation(config);
    Grid grid = new Grid(inputs.patchRows(config), inputs.patchColumns(config), interpolated);
    Tensor known = bySize.get(grid);
    if (known == null) {
      known = compute(inputs.imageSize(), interpolated);
      bySize.put(grid, known);
    }
    return known;
  }

  private Tensor compute(ImageSize image, boolean interpolated) {
    check.run();
    Tensor learned = tensor(ParameterNames.POSITION_EMBEDDINGS);
    Tensor positions =
        interpolated
            ? PositionEmbeddings.interpolate(model.config(), learned, image)
            : Tensor.of(learned.toFloatArray(), learned.shape());
    Tensor cls = tensor(ParameterNames.CLS_TOKEN);
    for (int i = 0; i < cls.elementCount(); i++) {
      positions.setFloat(i, positions.getFloat(i) + cls.getFloat(i));
    }
    return positions;
  }

  private Tensor tensor(String name) {
    return Objects.requireNonNull(model.weight(name), name).tensor();
  }

  private record Grid(int rows, int columns, boolean interpolated) {}
}
