package io.github.vit4j.backend.tornado;

import io.github.vit4j.backend.tornado.ForwardPass.Result;
import io.github.vit4j.backend.tornado.kernels.ActivationKernels;
import io.github.vit4j.backend.tornado.kernels.Layout;
import io.github.vit4j.config.ImageSize;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.spi.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass of {@code transformers/models/vit/modeling_vit.py} (A. Dosovitskiy et al., "An
 * Image is Worth 16x16 Words", 2021) as steps.
 */
final class ForwardPassBuilder {
  private static final Set<Output> OF_FIRST_TOKEN = Set.of(Output.LOGITS, Output.POOLER_OUTPUT);

  private final ViTConfig config;
  private final PackedWeights weights;
  private final Set<Output> outputs;
  private final int images;
  private final int tokens;

  /** Between rows of hidden states. */
  private final int stride;

  private final List<Step> steps = new ArrayList<>();
  private final List<Result> results = new ArrayList<>();

  private ForwardPassBuilder(
      ViTConfig config, PackedWeights weights, Set<Output> outputs, int images, int patches) {
    this.config = config;
    this.weights = weights;
    this.outputs = outputs;
    this.images = images;
    this.tokens = Math.addExact(patches, 1);
    this.stride = Layout.stride(config.hiddenSize());
  }

  /**
   * The steps to {@code outputs}.
   *
   * @param images how many at a time
   * @param image their size
   * @param masked whether there is a mask
   * @param positions one row per token, with padding, the CLS token added to the first
   * @throws ArithmeticException if a buffer would be larger than an array can be
   */
  static ForwardPass build(
      ViTConfig config,
      PackedWeights weights,
      Set<Output> outputs,
      int images,
      ImageSize image,
      boolean masked,
      float[] positions) {
    int rows = image.height() / config.patchSize().height();
    int columns = image.width() / config.patchSize().width();
    ForwardPassBuilder builder =
        new ForwardPassBuilder(config, weights, outputs, images, Math.multiplyExact(rows, columns));
    Buffer pixels =
        new Buffer("pixels", product(images, config.numChannels(), image.height(), image.width()));
    Buffer mask = masked ? new Buffer("mask", product(images, rows, columns)) : null;
    Buffer hidden = builder.embeddings(pixels, image, rows, columns, mask, positions);
    builder.encoder(hidden);
    return new ForwardPass(pixels, mask, builder.steps, builder.results);
  }

  /** Mask tokens first, then the CLS token, then the positions. */
  private Buffer embeddings(
      Buffer pixels,
      ImageSize image,
      int gridRows,
      int gridColumns,
      @Nullable Buffer mask,
      float[] positions) {
    int patchCount = product(images, gridRows, gridColumns);
    int pixelsOfPatch = weights.patches().inputs();
    int patchStride = Layout.stride(pixelsOfPatch);
    Buffer patches = matrix("patches", patchCount, patchStride);
    Buffer projected = matrix("projected", patchCount, stride);
    Buffer hidden = matrix("hidden", product(images, tokens), stride);
    steps.add(
        new Step.Patches(
            pixels,
            patches,
            config.numChannels(),
            image.height(),
            image.width(),
            config.patchSize().height(),
            config.patchSize().width(),
            gridRows,
            gridColumns,
            patchStride,
            patchCount));
    linear(
        patches, patchStride, weights.patches(), ActivationKernels.LINEAR, projected, patchCount);
    float[] maskToken =
        mask == null ? new float[0] : Objects.requireNonNull(weights.maskToken(), "mask token");
    steps.add(
        new Step.Embeddings(
            projected,
            mask,
            maskToken,
            positions,
            hidden,
            tokens,
            config.hiddenSize(),
            stride,
            product(images, tokens)));
    return hidden;
  }

  private void encoder(Buffer embeddings) {
    boolean firstTokenOnly = OF_FIRST_TOKEN.containsAll(outputs);
    int last = weights.layers().size() - 1;
    int rows = product(images, tokens);
    Scratch scratch = new Scratch(rows, "");
    Buffer hidden = embeddings;
    handOut(Output.HIDDEN_STATES, 0, hidden, rows, config.hiddenSize(), stride);
    for (int i = 0; i <= last; i++) {
      PackedWeights.Layer layer = weights.layers().get(i);
      if (firstTokenOnly && i == last) {
        heads(lastLayerOfFirstTokens(layer, hidden, scratch), 1);
        return;
      }
      normed(hidden, layer.normBefore(), scratch.normed, 1, rows);
      linear(
          scratch.normed,
          stride,
          layer.queryKeyValue(),
          ActivationKernels.LINEAR,
          scratch.queryKeyValue,
          rows);
      attention(scratch.queryKeyValue, scratch, scratch.context, tokens, i);
      if (i == last && outputs.equals(Set.of(Output.ATTENTIONS))) {
        return;
      }
      boolean kept = outputs.contains(Output.HIDDEN_STATES);
      Buffer next = kept ? matrix("hidden " + (i + 1), rows, stride) : hidden;
      feedForward(layer, hidden, next, scratch, rows);
      hidden = next;
      handOut(Output.HIDDEN_STATES, i + 1, hidden, rows, config.hiddenSize(), stride);
    }
    heads(hidden, tokens);
  }

  /** The last layer where nothing but the CLS token is wanted: the others give keys and values. */
  private Buffer lastLayerOfFirstTokens(PackedWeights.Layer layer, Buffer hidden, Scratch scratch) {
    int rows = product(images, tokens);
    Scratch first = new Scratch(images, "first ");
    Buffer result = matrix("first hidden", images, stride);
    int panels = Layout.panels(config.hiddenSize());
    normed(hidden, layer.normBefore(), scratch.normed, 1, rows);
    steps.add(
        new Step.FirstTokens(
            scratch.normed, first.normed, tokens, config.hiddenSize(), stride, images));
    steps.add(new Step.FirstTokens(hidden, result, tokens, config.hiddenSize(), stride, images));
    linear(first.normed, layer.queryKeyValue(), 0, panels, first.queryKeyValue, 3 * stride, images);
    linear(
        scratch.normed,
        layer.queryKeyValue(),
        panels,
        2 * panels,
        scratch.queryKeyValue,
        3 * stride,
        rows);
    attention(first.queryKeyValue, scratch, first.context, 1, weights.layers().size() - 1);
    feedForward(layer, result, result, first, images);
    return result;
  }

  private void attention(Buffer query, Scratch scratch, Buffer context, int queries, int layer) {
    int heads = config.numAttentionHeads();
    int rows = product(images, heads, queries);
    Buffer probabilities = null;
    if (outputs.contains(Output.ATTENTIONS)) {
      probabilities = new Buffer("attention " + layer, product(rows, tokens));
      handOut(Output.ATTENTIONS, layer, probabilities, rows, tokens, tokens);
    }
    steps.add(
        new Step.Attention(
            query,
            scratch.queryKeyValue,
            probabilities,
            context,
            3 * stride,
            stride,
            images,
            queries,
            tokens,
            heads,
            config.headSize(),
            (float) (1 / Math.sqrt(config.headSize()))));
  }

  /** What follows attention in a layer: its output projection and the MLP, each added to x. */
  private void feedForward(
      PackedWeights.Layer layer, Buffer x, Buffer y, Scratch scratch, int rows) {
    addLinear(scratch.context, stride, layer.attentionOutput(), x, y, rows);
    normed(y, layer.normAfter(), scratch.normed, 1, rows);
    linear(
        scratch.normed,
        stride,
        layer.intermediate(),
        ActivationKernels.numberOf(config.hiddenActivation()),
        scratch.intermediate,
        rows);
    addLinear(
        scratch.intermediate, Layout.stride(config.intermediateSize()), layer.output(), y, y, rows);
  }

  /**
   * What {@code ViTModel} and the classes around it make of the last layer's output.
   *
   * @param tokensOfImage rows of {@code hidden} for each image, the CLS token the first
   */
  private void heads(Buffer hidden, int tokensOfImage) {
    int rows = product(images, tokens);
    if (outputs.contains(Output.LAST_HIDDEN_STATE) || outputs.contains(Output.RECONSTRUCTION)) {
      Buffer sequence = matrix("sequence", rows, stride);
      normed(hidden, weights.norm(), sequence, 1, rows);
      handOut(Output.LAST_HIDDEN_STATE, 0, sequence, rows, config.hiddenSize(), stride);
      if (outputs.contains(Output.RECONSTRUCTION)) {
        reconstruction(sequence, rows);
      }
    }
    if (!outputs.contains(Output.LOGITS) && !outputs.contains(Output.POOLER_OUTPUT)) {
      return;
    }
    Buffer cls = matrix("cls", images, stride);
    normed(hidden, weights.norm(), cls, tokensOfImage, images);
    if (weights.head() == null) {
      handOut(Output.LOGITS, 0, cls, images, config.hiddenSize(), stride); // no labels
      return;
    }
    boolean pooled = outputs.contains(Output.POOLER_OUTPUT);
    int width = pooled ? config.poolerOutputSize() : config.numLabels();
    int activation =
        pooled ? ActivationKernels.numberOf(config.poolerActivation()) : ActivationKernels.LINEAR;
    Buffer result = matrix("head", images, Layout.stride(width));
    linear(cls, stride, weights.head(), activation, result, images);
    handOut(
        pooled ? Output.POOLER_OUTPUT : Output.LOGITS,
        0,
        result,
        images,
        width,
        Layout.stride(width));
  }

  private void reconstruction(Buffer sequence, int rows) {
    LinearWeights decoder = Objects.requireNonNull(weights.head(), "decoder");
    int upscale = config.encoderStride();
    int decodedStride = decoder.bias().length;
    int grid = (int) Math.sqrt(tokens - 1);
    int side = Math.multiplyExact(grid, upscale);
    int lines = product(images, config.numChannels(), side);
    Buffer decoded = matrix("decoded", rows, decodedStride);
    Buffer pixels = new Buffer("reconstruction", product(lines, side));
    linear(sequence, stride, decoder, ActivationKernels.LINEAR, decoded, rows);
    steps.add(
        new Step.PixelShuffle(
            decoded, pixels, config.numChannels(), tokens, grid, upscale, decodedStride, lines));
    handOut(Output.RECONSTRUCTION, 0, pixels, lines, side, side);
  }

  private void normed(Buffer x, NormWeights norm, Buffer y, int step, int rows) {
    float epsilon = (float) config.layerNormEps();
    steps.add(new Step.LayerNorm(x, norm, y, step, config.hiddenSize(), stride, epsilon, rows));
  }

  /** All panels. */
  private void linear(
      Buffer x, int xStride, LinearWeights layer, int activation, Buffer y, int rows) {
    int panels = layer.panelCount();
    steps.add(
        new Step.Linear(
            x, xStride, layer, 0, panels, null, activation, y, layer.bias().length, rows));
  }

  /** Some panels of a layer on hidden states. */
  private void linear(
      Buffer x, LinearWeights layer, int first, int panels, Buffer y, int yStride, int rows) {
    steps.add(
        new Step.Linear(
            x, stride, layer, first, panels, null, ActivationKernels.LINEAR, y, yStride, rows));
  }

  private void addLinear(
      Buffer x, int xStride, LinearWeights layer, Buffer residual, Buffer y, int rows) {
    int panels = layer.panelCount();
    steps.add(
        new Step.Linear(
            x, xStride, layer, 0, panels, residual, ActivationKernels.LINEAR, y, stride, rows));
  }

  private void handOut(
      Output output, int index, Buffer buffer, int rows, int width, int rowStride) {
    if (outputs.contains(output)) {
      results.add(new Result(output, index, buffer, rows, width, rowStride));
    }
  }

  private static Buffer matrix(String name, int rows, int rowStride) {
    return new Buffer(name, product(Layout.paddedRows(rows), rowStride));
  }

  private static int product(int... factors) {
    int product = 1;
    for (int factor : factors) {
      product = Math.multiplyExact(product, factor);
    }
    return product;
  }

  /** What a layer writes and the next one overwrites. */
  private final class Scratch {
    final Buffer normed;
    final Buffer queryKeyValue;
    final Buffer context;
    final Buffer intermediate;

    Scratch(int rows, String prefix) {
      normed = matrix(prefix + "normed", rows, stride);
      queryKeyValue = matrix(prefix + "query key value", rows, Math.multiplyExact(3, stride));
      context = matrix(prefix + "context", rows, stride);
      intermediate =
          matrix(prefix + "intermediate", rows, Layout.stride(config.intermediateSize()));
    }
  }
}
