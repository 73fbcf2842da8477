package io.github.vit4j.backend.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.OutputShapes;
import io.github.vit4j.weights.ParameterNames;
import io.github.vit4j.weights.ParameterNames.LayerPart;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes the forward pass of {@code transformers/models/vit/modeling_vit.py} as an ONNX graph.
 *
 * <p>Linear layers take the weights [out, in] as checkpoints hold them (FusedMatMul transposes
 * while it multiplies), so that every parameter of the graph is a tensor of the file as it lies
 * there. The batch size is open.
 */
final class ViTGraph {
  static final String PIXEL_VALUES = "pixel_values";
  static final String BOOL_MASKED_POS = "bool_masked_pos";
  static final String POSITION_EMBEDDINGS = "position_embeddings";

  /** Shape int64 [6] of the decoder's output as blocks: 0, rows, columns, channels, side, side. */
  static final String DECODER_BLOCKS = "decoder_blocks";

  /** Shape int64 [4] of the reconstruction: 0, channels, height, width. */
  static final String DECODER_IMAGE = "decoder_image";

  private final ViTConfig config;
  private final GraphKey key;
  private final Declaration weights;
  private final GraphBuilder graph;
  private final Map<String, long[]> declared;
  private final @Nullable QuantizedLinear quantized;

  /** How a graph gets at its parameters. */
  @FunctionalInterface
  interface Declaration {
    /**
     * The parameter {@code name}.
     *
     * @param shape as many elements as the weight has
     */
    TensorProto declare(String name, long... shape);
  }

  private ViTGraph(
      ViTConfig config,
      GraphKey key,
      Declaration weights,
      Map<String, long[]> declared,
      GraphBuilder graph,
      @Nullable QuantizedWeights quantized) {
    this.config = config;
    this.graph = graph;
    this.declared = declared;
    this.key = key;
    this.weights = weights;
    this.quantized = quantized == null ? null : new QuantizedLinear(graph, quantized);
  }

  /**
   * The serialised graph of a model with that configuration.
   *
   * @param used is given the parameters that the graph uses, with the shapes it sees them in
   * @param quantized is told the parameters that it uses in int8, those of the encoder's linear
   *     layers; null for a graph in float32
   */
  static byte[] build(
      ViTConfig config,
      GraphKey key,
      WeightSource.Access weights,
      Map<String, long[]> used,
      @Nullable QuantizedWeights quantized) {
    return new ViTGraph(
            config, key, weights::declare, used, GraphBuilder.forOnnxRuntime(), quantized)
        .build()
        .toByteArray();
  }

  /** A graph of the standard's operators alone. */
  static ModelProto standard(ViTConfig config, GraphKey key, Declaration weights) {
    return new ViTGraph(config, key, weights, new HashMap<>(), GraphBuilder.forAnyRuntime(), null)
        .build();
  }

  /** The name of the output {@code hidden_states.INDEX} or {@code attentions.INDEX}. */
  static String indexed(Output output, int index) {
    return output + "." + index;
  }

  /** The names of the outputs that make up {@code output}. */
  static List<String> names(ViTConfig config, Output output) {
    return switch (output) {
      case LOGITS, LAST_HIDDEN_STATE, POOLER_OUTPUT, RECONSTRUCTION -> List.of(output.toString());
      case HIDDEN_STATES, ATTENTIONS ->
          IntStream.range(0, OutputShapes.count(config, output))
              .mapToObj(i -> indexed(output, i))
              .toList();
    };
  }

  private ModelProto build() {
    boolean firstTokenOnly = key.needsFirstTokenOnly();
    String x = embeddings();
    boolean single = false;
    hiddenState(0, x);
    for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
      single = firstTokenOnly && layer == config.numHiddenLayers() - 1;
      x = layer(layer, x, single);
      hiddenState(layer + 1, x);
    }
    if (firstTokenOnly && !single) { // a model without layers
      x = firstToken(x);
    }
    String sequence = layerNorm(x, ParameterNames.LAYERNORM_WEIGHT, ParameterNames.LAYERNORM_BIAS);
    if (key.has(Output.LAST_HIDDEN_STATE)) {
      graph.output(Output.LAST_HIDDEN_STATE.toString(), sequence, 3);
    }
    if (key.has(Output.LOGITS) || key.has(Output.POOLER_OUTPUT)) {
      String cls =
          firstTokenOnly
              ? graph.reshape(sequence, -1, config.hiddenSize())
              : graph.op(
                  "Gather",
                  List.of(sequence, graph.integer(0)),
                  GraphBuilder.integerAttribute("axis", 1));
      heads(cls);
    }
    if (key.has(Output.RECONSTRUCTION)) {
      graph.output(Output.RECONSTRUCTION.toString(), reconstruction(sequence), 4);
    }
    return graph.build();
  }

  private void hiddenState(int index, String x) {
    if (key.has(Output.HIDDEN_STATES)) {
      graph.output(indexed(Output.HIDDEN_STATES, index), x, 3);
    }
  }

  private String embeddings() {
    Object height = key.positionsGiven() ? "height" : config.imageSize().height();
    Object width = key.positionsGiven() ? "width" : config.imageSize().width();
    String pixels =
        graph.input(PIXEL_VALUES, DataType.FLOAT, "batch", config.numChannels(), height, width);
    String x = patches(pixels);
    int hidden = config.hiddenSize();
    if (key.masked()) {
      String mask = graph.input(BOOL_MASKED_POS, DataType.BOOL, "batch", "patches");
      x =
          graph.op(
              "Where",
              List.of(
                  graph.op("Unsqueeze", List.of(mask, graph.integers(-1))),
                  weight(ParameterNames.MASK_TOKEN, 1, 1, hidden),
                  x));
    }
    // A row of zeros in front makes room for the CLS token, which arrives with the positions:
    // unlike
    // concatenation this needs no copy of the token per image, so no shape at run time.
    x = graph.op("Pad", List.of(x, graph.integers(0, 1, 0, 0, 0, 0)));
    return graph.add(x, positions());
  }

  private String patches(String pixels) {
    String kernel =
        weight(
            ParameterNames.PATCH_WEIGHT,
            config.hiddenSize(),
            config.numChannels(),
            config.patchSize().height(),
            config.patchSize().width());
    String bias = weight(ParameterNames.PATCH_BIAS, config.hiddenSize());
    long[] patch = {config.patchSize().height(), config.patchSize().width()};
    String grid =
        graph.op(
            "Conv",
            List.of(pixels, kernel, bias),
            GraphBuilder.integersAttribute("kernel_shape", patch),
            GraphBuilder.integersAttribute("strides", patch));
    return graph.transpose(graph.reshape(grid, 0, config.hiddenSize(), -1), 0, 2, 1);
  }

  private String positions() {
    int hidden = config.hiddenSize();
    if (key.positionsGiven()) {
      return graph.input(POSITION_EMBEDDINGS, DataType.FLOAT, 1, "tokens", hidden);
    }
    // Depends on parameters only: ONNX Runtime computes it once, when it loads the graph.
    String cls =
        graph.op(
            "Pad",
            List.of(
                weight(ParameterNames.CLS_TOKEN, 1, 1, hidden),
                graph.integers(0, 0, 0, 0, config.numPatches(), 0)));
    return graph.add(
        weight(ParameterNames.POSITION_EMBEDDINGS, 1, config.numPatches() + 1L, hidden), cls);
  }

  private String layer(int index, String input, boolean firstTokenOnly) {
    String normed =
        layerNorm(
            input,
            LayerPart.LAYERNORM_BEFORE.weight(index),
            LayerPart.LAYERNORM_BEFORE.bias(index));
    String attended =
        firstTokenOnly ? firstTokenAttention(index, normed) : attention(index, normed);
    String x =
        graph.add(
            linear(attended, LayerPart.ATTENTION_OUTPUT, index, true),
            firstTokenOnly ? firstToken(input) : input);
    normed =
        layerNorm(
            x, LayerPart.LAYERNORM_AFTER.weight(index), LayerPart.LAYERNORM_AFTER.bias(index));
    String inner =
        Activations.apply(
            graph, config.hiddenActivation(), linear(normed, LayerPart.INTERMEDIATE, index, true));
    return graph.add(linear(inner, LayerPart.OUTPUT, index, true), x);
  }

  private String attention(int index, String normed) {
    Operand input = operand(normed, config.hiddenSize());
    String queries = linear(input, LayerPart.QUERY, index, config.qkvBias());
    String keys = linear(input, LayerPart.KEY, index, config.qkvBias());
    String values = linear(input, LayerPart.VALUE, index, config.qkvBias());
    return key.has(Output.ATTENTIONS) || !graph.forOnnxRuntimeAlone()
        ? explicitAttention(index, queries, keys, values)
        : graph.microsoftOp(
            "MultiHeadAttention",
            List.of(queries, keys, values),
            GraphBuilder.integerAttribute("num_heads", config.numAttentionHeads()));
  }

  /**
   * Attention of the first token alone, without keys and values of the others. With one query a
   * head, q . (K x + b) = (q K) . x + q . b, where the last term is the same for all tokens and
   * falls out of the softmax; and sum p (V x + c) = V (sum p x) + c, for the p sum to 1. So the
   * products with K and V are done once instead of once per token; in float32, as they are few.
   */
  private String firstTokenAttention(int index, String normed) {
    long heads = config.numAttentionHeads();
    long headSize = config.headSize();
    long hidden = config.hiddenSize();
    String queries = linear(firstToken(normed), LayerPart.QUERY, index, config.qkvBias());
    String keyWeight = weight(LayerPart.KEY.weight(index), heads, headSize, hidden);
    String valueWeight = weight(LayerPart.VALUE.weight(index), heads, headSize, hidden);
    String projected =
        graph.reshape(
            graph.op("MatMul", List.of(graph.reshape(queries, -1, heads, 1, headSize), keyWeight)),
            -1,
            heads,
            hidden);
    String scores =
        graph.timesTransposed(projected, normed, 3, (float) Math.pow(config.headSize(), -0.5));
    String probabilities =
        graph.op("Softmax", List.of(scores), GraphBuilder.integerAttribute("axis", -1));
    String mixed =
        graph.reshape(graph.op("MatMul", List.of(probabilities, normed)), -1, heads, 1, hidden);
    String attended = graph.reshape(graph.timesTransposed(mixed, valueWeight, 3, 1), -1, 1, hidden);
    return config.qkvBias()
        ? graph.add(attended, weight(LayerPart.VALUE.bias(index), hidden))
        : attended;
  }

  /** [n, t, d] to [n, 1, d]. */
  private String firstToken(String x) {
    return graph.op(
        "Gather", List.of(x, graph.integers(0)), GraphBuilder.integerAttribute("axis", 1));
  }

  private String explicitAttention(int index, String queries, String keys, String values) {
    int heads = config.numAttentionHeads();
    int headSize = config.headSize();
    String q = graph.transpose(graph.reshape(queries, 0, 0, heads, headSize), 0, 2, 1, 3);
    String k = graph.transpose(graph.reshape(keys, 0, 0, heads, headSize), 0, 2, 3, 1);
    String v = graph.transpose(graph.reshape(values, 0, 0, heads, headSize), 0, 2, 1, 3);
    String scores =
        graph.multiply(
            graph.op("MatMul", List.of(q, k)), graph.constant((float) Math.pow(headSize, -0.5)));
    String probabilities =
        graph.op("Softmax", List.of(scores), GraphBuilder.integerAttribute("axis", -1));
    if (key.has(Output.ATTENTIONS)) {
      graph.output(indexed(Output.ATTENTIONS, index), probabilities, 4);
    }
    String mixed = graph.transpose(graph.op("MatMul", List.of(probabilities, v)), 0, 2, 1, 3);
    return graph.reshape(mixed, 0, 0, config.hiddenSize());
  }

  private void heads(String cls) {
    int hidden = config.hiddenSize();
    if (key.has(Output.LOGITS)) {
      String logits =
          config.numLabels() == 0
              ? cls
              : linear(
                  cls,
                  weight(ParameterNames.CLASSIFIER_WEIGHT, config.numLabels(), hidden),
                  weight(ParameterNames.CLASSIFIER_BIAS, config.numLabels()));
      graph.output(Output.LOGITS.toString(), logits, 2);
    }
    if (key.has(Output.POOLER_OUTPUT)) {
      int size = config.poolerOutputSize();
      String pooled =
          linear(
              cls,
              weight(ParameterNames.POOLER_WEIGHT, size, hidden),
              weight(ParameterNames.POOLER_BIAS, size));
      graph.output(
          Output.POOLER_OUTPUT.toString(),
          Activations.apply(graph, config.poolerActivation(), pooled),
          2);
    }
  }

  /** The 1x1 convolution of the decoder as a matrix product, then torch's PixelShuffle. */
  private String reconstruction(String sequence) {
    int stride = config.encoderStride();
    int channels = config.numChannels();
    long pixels = (long) stride * stride * channels;
    String patches =
        graph.op(
            "Slice",
            List.of(
                sequence, graph.integers(1), graph.integers(Long.MAX_VALUE), graph.integers(1)));
    String decoded =
        linear(
            patches,
            weight(ParameterNames.DECODER_WEIGHT, pixels, config.hiddenSize()),
            weight(ParameterNames.DECODER_BIAS, pixels));
    String blocks;
    String image;
    if (key.positionsGiven()) {
      blocks = graph.input(DECODER_BLOCKS, DataType.INT64, 6);
      image = graph.input(DECODER_IMAGE, DataType.INT64, 4);
    } else {
      blocks = graph.integers(decoderBlocks(config, config.numPatches()));
      image = graph.integers(decoderImage(config, config.numPatches()));
    }
    String shaped = graph.op("Reshape", List.of(decoded, blocks));
    return graph.op("Reshape", List.of(graph.transpose(shaped, 0, 3, 1, 4, 2, 5), image));
  }

  /** See {@link #DECODER_BLOCKS}. HuggingFace takes the patches as a square grid. */
  static long[] decoderBlocks(ViTConfig config, int patches) {
    long side = (long) Math.sqrt(patches);
    long stride = config.encoderStride();
    return new long[] {0, side, side, config.numChannels(), stride, stride};
  }

  /** See {@link #DECODER_IMAGE}. */
  static long[] decoderImage(ViTConfig config, int patches) {
    return OutputShapes.of(config, 0, patches, Output.RECONSTRUCTION);
  }

  /**
   * What linear layers are applied to.
   *
   * @param rows the same in 8 bits; null where layers are computed in float32
   */
  private record Operand(String value, QuantizedLinear.@Nullable Rows rows) {}

  private Operand operand(String x, long size) {
    return new Operand(x, quantized == null ? null : quantized.quantize(x, size));
  }

  private String linear(String x, LayerPart part, int layer, boolean hasBias) {
    return linear(operand(x, in(part)), part, layer, hasBias);
  }

  private String linear(Operand x, LayerPart part, int layer, boolean hasBias) {
    long out = part == LayerPart.INTERMEDIATE ? config.intermediateSize() : config.hiddenSize();
    String bias = hasBias ? weight(part.bias(layer), out) : null;
    return quantized == null || x.rows == null
        ? linear(x.value, weight(part.weight(layer), out, in(part)), bias)
        : quantized.apply(x.rows, part.weight(layer), bias, out, in(part));
  }

  private long in(LayerPart part) {
    return part == LayerPart.OUTPUT ? config.intermediateSize() : config.hiddenSize();
  }

  private String linear(String x, String weight, @Nullable String bias) {
    String product = graph.timesTransposed(x, weight, 2, 1);
    return bias == null ? product : graph.add(product, bias);
  }

  private String layerNorm(String x, String weightName, String biasName) {
    int hidden = config.hiddenSize();
    return graph.op(
        "LayerNormalization",
        List.of(x, weight(weightName, hidden), weight(biasName, hidden)),
        GraphBuilder.integerAttribute("axis", -1),
        GraphBuilder.floatAttribute("epsilon", (float) config.layerNormEps()));
  }

  /** A parameter, seen under this shape. */
  private String weight(String name, long... shape) {
    if (declared.put(name, shape) == null) {
      graph.initializer(weights.declare(name, shape));
    }
    return name;
  }
}
