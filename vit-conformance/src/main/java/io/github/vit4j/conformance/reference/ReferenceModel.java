package io.github.vit4j.conformance.reference;

import io.github.vit4j.config.Activation;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.PositionEmbeddings;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.ParameterNames;
import io.github.vit4j.weights.ParameterNames.LayerPart;
import io.github.vit4j.weights.Weight;
import java.util.Arrays;
import java.util.Objects;

/**
 * The forward pass of {@code transformers/models/vit/modeling_vit.py} (A. Dosovitskiy et al., "An
 * Image is Worth 16x16 Words", 2021), image by image, in float64.
 *
 * <p>A matrix is a {@code double[feature][token]}. Tokens are columns, so that a linear layer is
 * the textbook's W x + b, W as it lies in the checkpoint: [out, in]. Its rows are converted when
 * they are used; a model is never held in float64 as a whole. Every number is computed by one
 * thread in one order, so that it does not depend on how many threads there are.
 */
final class ReferenceModel {
  /** Rows of a product that are computed together, so that they share each row they read. */
  private static final int BLOCK = 8;

  private final ModelDefinition model;
  private final ViTConfig config;
  private final Workers workers;

  ReferenceModel(ModelDefinition model, Workers workers) {
    this.model = model;
    this.config = model.config();
    this.workers = workers;
  }

  /** Computes what {@code outputs} wants; {@code inputs} have been checked. */
  void forward(ViTInputs inputs, ReferenceOutputs outputs) {
    double[][] positions = positionEmbeddings(inputs);
    for (int image = 0; image < inputs.batchSize(); image++) {
      double[][] hiddenStates = embeddings(inputs, image, positions);
      outputs.put(Output.HIDDEN_STATES, 0, image, hiddenStates);
      for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
        hiddenStates = layer(layer, hiddenStates, image, outputs);
        outputs.put(Output.HIDDEN_STATES, layer + 1, image, hiddenStates);
      }
      heads(hiddenStates, image, outputs);
    }
  }

  /** {@code ViTEmbeddings.interpolate_pos_encoding}: [hidden size][1 + patches]. */
  private double[][] positionEmbeddings(ViTInputs inputs) {
    Tensor positions = parameter(ParameterNames.POSITION_EMBEDDINGS);
    return Matrices.transposed(
        Matrices.rows(
            inputs.needsInterpolation(config)
                ? PositionEmbeddings.interpolate(config, positions, inputs.imageSize()).slice(0)
                : positions.slice(0)));
  }

  /** {@code ViTEmbeddings}: mask tokens first, then the CLS token, then the positions. */
  private double[][] embeddings(ViTInputs inputs, int image, double[][] positions) {
    double[][] patches =
        linear(patches(inputs, image), ParameterNames.PATCH_WEIGHT, ParameterNames.PATCH_BIAS);
    Tensor mask = inputs.boolMaskedPos();
    if (mask != null) {
      double[] maskToken = vector(ParameterNames.MASK_TOKEN);
      for (int patch = 0; patch < patches[0].length; patch++) {
        if (mask.slice(image).getBoolean(patch)) {
          for (int feature = 0; feature < maskToken.length; feature++) {
            patches[feature][patch] = maskToken[feature];
          }
        }
      }
    }
    double[] clsToken = vector(ParameterNames.CLS_TOKEN);
    double[][] embeddings = new double[config.hiddenSize()][];
    for (int feature = 0; feature < embeddings.length; feature++) {
      double[] tokens = new double[1 + patches[feature].length];
      tokens[0] = clsToken[feature];
      System.arraycopy(patches[feature], 0, tokens, 1, patches[feature].length);
      embeddings[feature] = tokens;
    }
    return Matrices.sum(embeddings, positions);
  }

  /** The pixels of each patch as a column, in the order that the projection's kernel has them. */
  private double[][] patches(ViTInputs inputs, int image) {
    int height = config.patchSize().height();
    int width = config.patchSize().width();
    int rows = inputs.patchRows(config);
    int columns = inputs.patchColumns(config);
    double[][] patches = new double[config.numChannels() * height * width][rows * columns];
    for (int pixel = 0; pixel < patches.length; pixel++) {
      Tensor channel = inputs.pixelValues().slice(image).slice(pixel / (height * width));
      int y = pixel / width % height;
      int x = pixel % width;
      for (int patch = 0; patch < rows * columns; patch++) {
        Tensor line = channel.slice(patch / columns * height + y);
        patches[pixel][patch] = line.getDouble(patch % columns * width + x);
      }
    }
    return patches;
  }

  /** {@code ViTLayer}: the layer normalisations come before attention and MLP ("pre-norm"). */
  private double[][] layer(int layer, double[][] input, int image, ReferenceOutputs outputs) {
    double[][] normed = layerNorm(input, layer, LayerPart.LAYERNORM_BEFORE);
    double[][] hiddenStates = Matrices.sum(attention(layer, normed, image, outputs), input);
    normed = layerNorm(hiddenStates, layer, LayerPart.LAYERNORM_AFTER);
    double[][] intermediate = linear(normed, layer, LayerPart.INTERMEDIATE);
    activate(intermediate, config.hiddenActivation());
    return Matrices.sum(linear(intermediate, layer, LayerPart.OUTPUT), hiddenStates);
  }

  /** {@code ViTAttention}: softmax(q k / sqrt(head size)) v, head by head. */
  private double[][] attention(int layer, double[][] x, int image, ReferenceOutputs outputs) {
    double[][] queries = linear(x, layer, LayerPart.QUERY);
    double[][] keys = linear(x, layer, LayerPart.KEY);
    double[][] values = linear(x, layer, LayerPart.VALUE);
    int heads = config.numAttentionHeads();
    int headSize = config.headSize();
    double[][] contexts = new double[config.hiddenSize()][];
    workers.forEach(
        heads,
        head -> {
          int from = head * headSize;
          int to = from + headSize;
          double[][] query = Arrays.copyOfRange(queries, from, to);
          double[][] key = Arrays.copyOfRange(keys, from, to);
          double[][] value = Arrays.copyOfRange(values, from, to);
          double[][] weights = Matrices.product(Matrices.transposed(key), query);
          Matrices.softmax(weights, 1 / Math.sqrt(headSize));
          outputs.put(Output.ATTENTIONS, layer, image * heads + head, weights);
          System.arraycopy(Matrices.product(value, weights), 0, contexts, from, headSize);
        });
    return linear(contexts, layer, LayerPart.ATTENTION_OUTPUT);
  }

  /** What {@code ViTModel} and the classes around it make of the last layer's output. */
  private void heads(double[][] hiddenStates, int image, ReferenceOutputs outputs) {
    if (!outputs.wants(Output.LAST_HIDDEN_STATE)
        && !outputs.wants(Output.LOGITS)
        && !outputs.wants(Output.POOLER_OUTPUT)
        && !outputs.wants(Output.RECONSTRUCTION)) {
      return;
    }
    double[][] sequence =
        layerNorm(hiddenStates, ParameterNames.LAYERNORM_WEIGHT, ParameterNames.LAYERNORM_BIAS);
    outputs.put(Output.LAST_HIDDEN_STATE, 0, image, sequence);
    double[][] cls = Matrices.columns(sequence, 0, 1);
    if (outputs.wants(Output.LOGITS)) {
      double[][] logits =
          config.numLabels() == 0
              ? cls
              : linear(cls, ParameterNames.CLASSIFIER_WEIGHT, ParameterNames.CLASSIFIER_BIAS);
      outputs.put(Output.LOGITS, 0, image, logits);
    }
    if (outputs.wants(Output.POOLER_OUTPUT)) {
      double[][] pooled = linear(cls, ParameterNames.POOLER_WEIGHT, ParameterNames.POOLER_BIAS);
      activate(pooled, config.poolerActivation());
      outputs.put(Output.POOLER_OUTPUT, 0, image, pooled);
    }
    if (outputs.wants(Output.RECONSTRUCTION)) {
      double[][] patches = Matrices.columns(sequence, 1, sequence[0].length);
      double[][] decoded =
          linear(patches, ParameterNames.DECODER_WEIGHT, ParameterNames.DECODER_BIAS);
      outputs.put(Output.RECONSTRUCTION, 0, image, pixelShuffle(decoded));
    }
  }

  /**
   * {@code torch.nn.PixelShuffle}, from [channel, y, x within a patch][patch] to [x][channel, y];
   * the patches are taken as a square.
   */
  private double[][] pixelShuffle(double[][] decoded) {
    int stride = config.encoderStride();
    int grid = (int) Math.sqrt(decoded[0].length);
    int side = grid * stride;
    double[][] image = new double[side][config.numChannels() * side];
    for (int x = 0; x < side; x++) {
      for (int line = 0; line < image[x].length; line++) {
        int channel = line / side;
        int y = line % side;
        int pixel = (channel * stride + y % stride) * stride + x % stride;
        image[x][line] = decoded[pixel][y / stride * grid + x / stride];
      }
    }
    return image;
  }

  private double[][] linear(double[][] x, int layer, LayerPart part) {
    return linear(x, part.weight(layer), part.bias(layer));
  }

  /** {@code torch.nn.Linear}: W x + b, without b where the model has none. */
  private double[][] linear(double[][] x, String weightName, String biasName) {
    Tensor weight = parameter(weightName);
    Weight bias = model.weight(biasName);
    int size = Math.toIntExact(weight.dimension(0));
    double[][] result = new double[size][x[0].length];
    workers.forEach(
        Math.ceilDiv(size, BLOCK),
        block -> {
          int from = block * BLOCK;
          int to = Math.min(from + BLOCK, size);
          double[][] rows = Arrays.copyOfRange(result, from, to);
          if (bias != null) {
            for (int row = from; row < to; row++) {
              Arrays.fill(result[row], bias.tensor().getDouble(row));
            }
          }
          Matrices.addProduct(Matrices.rows(weight.slice(from, to - from)), x, rows);
        });
    return result;
  }

  private double[][] layerNorm(double[][] x, int layer, LayerPart part) {
    return layerNorm(x, part.weight(layer), part.bias(layer));
  }

  /** {@code torch.nn.LayerNorm} over the features of each token (J. L. Ba et al., 2016). */
  private double[][] layerNorm(double[][] x, String weightName, String biasName) {
    double[] weight = vector(weightName);
    double[] bias = vector(biasName);
    double[][] result = new double[x.length][x[0].length];
    for (int token = 0; token < x[0].length; token++) {
      double mean = 0;
      for (double[] feature : x) {
        mean += feature[token] / x.length;
      }
      double variance = 0;
      for (double[] feature : x) {
        variance += (feature[token] - mean) * (feature[token] - mean) / x.length;
      }
      double scale = 1 / Math.sqrt(variance + config.layerNormEps());
      for (int feature = 0; feature < x.length; feature++) {
        result[feature][token] =
            (x[feature][token] - mean) * scale * weight[feature] + bias[feature];
      }
    }
    return result;
  }

  private void activate(double[][] x, Activation activation) {
    workers.forEach(
        x.length, row -> Arrays.setAll(x[row], i -> Activations.apply(activation, x[row][i])));
  }

  private Tensor parameter(String name) {
    return Objects.requireNonNull(model.weight(name), name).tensor();
  }

  private double[] vector(String name) {
    return parameter(name).toDoubleArray();
  }
}
