package io.github.vit4j.backend.tornado;

import io.github.vit4j.backend.tornado.kernels.Layout;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.PositionEmbeddings;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.ParameterNames;
import java.util.Objects;

/** The position embeddings of a model, read once; for images of other sizes interpolated. */
final class PositionTable {
  private final ViTConfig config;
  private final Tensor learned;
  private final float[] clsToken;

  PositionTable(ModelDefinition model) {
    this.config = model.config();
    Tensor positions =
        Objects.requireNonNull(model.weight(ParameterNames.POSITION_EMBEDDINGS)).tensor();
    this.learned = Tensor.of(positions.toFloatArray(), positions.shape());
    this.clsToken =
        Objects.requireNonNull(model.weight(ParameterNames.CLS_TOKEN)).tensor().toFloatArray();
  }

  /** One row per token, with padding, the CLS token added to the first. */
  float[] rows(ViTInputs inputs) {
    Tensor positions =
        inputs.needsInterpolation(config)
            ? PositionEmbeddings.interpolate(config, learned, inputs.imageSize())
            : learned;
    int width = config.hiddenSize();
    int stride = Layout.stride(width);
    int tokens = Math.toIntExact(positions.dimension(1));
    float[] values = positions.toFloatArray();
    float[] rows = new float[Math.multiplyExact(tokens, stride)];
    for (int token = 0; token < tokens; token++) {
      System.arraycopy(values, token * width, rows, token * stride, width);
    }
    for (int i = 0; i < width; i++) {
      rows[i] += clsToken[i];
    }
    return rows;
  }
}
