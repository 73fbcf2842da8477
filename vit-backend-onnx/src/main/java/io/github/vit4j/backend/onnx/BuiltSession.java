package io.github.vit4j.backend.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ImageSize;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.OneLine;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.ModelSource;
import io.github.vit4j.spi.NativeMemory;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.RunGate;
import io.github.vit4j.spi.SessionInfo;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.Tensor;
import java.lang.ref.Reference;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;

/** A model on graphs that are built here, as they are needed. */
final class BuiltSession implements ViTSession {
  private final ModelDefinition model;
  private final SessionInfo info;
  private final OrtEnvironment environment;
  private final GraphCache graphs;
  private final PositionCache positions;
  private final Semaphore permits;
  private final RunGate gate = new RunGate();

  private BuiltSession(
      ModelDefinition model, ModelSource.Weights weights, OrtOptions options, SessionInfo info) {
    this.model = model;
    this.info = info;
    this.permits = options.permits();
    this.environment = OrtLibrary.environment();
    WeightSource source = new WeightSource(weights);
    this.graphs = new GraphCache(environment, model.config(), source, options, info.precision());
    this.positions = new PositionCache(model, source::filesAreUnchanged);
  }

  /** Builds the graph that the architecture is mostly used with, so that errors show here. */
  static BuiltSession open(
      ModelDefinition model, ModelSource.Weights weights, OrtOptions options, SessionInfo info) {
    BuiltSession session = new BuiltSession(model, weights, options, info);
    Output usual =
        switch (model.architecture()) {
          case VIT_MODEL -> Output.LAST_HIDDEN_STATE;
          case VIT_FOR_IMAGE_CLASSIFICATION -> Output.LOGITS;
          case VIT_FOR_MASKED_IMAGE_MODELING -> Output.RECONSTRUCTION;
        };
    try {
      session.graphs.prepare(session.key(EnumSet.of(usual), usuallyMasked(model), false));
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
    return session;
  }

  /** Images are reconstructed behind a mask, where the model is one that can take it. */
  static boolean usuallyMasked(ModelDefinition model) {
    ViTConfig config = model.config();
    return model.architecture() == Architecture.VIT_FOR_MASKED_IMAGE_MODELING
        && model.hasMaskToken()
        && config.patchSize().equals(ImageSize.square(config.encoderStride()));
  }

  /** A pooler costs next to nothing, so there is no graph of the last hidden state without it. */
  private GraphKey key(Set<Output> outputs, boolean masked, boolean positionsGiven) {
    GraphKey key = new GraphKey(outputs, masked, positionsGiven);
    return key.has(Output.LAST_HIDDEN_STATE) && model.hasPooler()
        ? key.with(Output.POOLER_OUTPUT)
        : key;
  }

  @Override
  public ViTOutputs run(ViTInputs inputs) {
    return gate.run(
        () -> {
          inputs.checkAgainst(model);
          OrtSession graph =
              graphs.get(
                  key(
                      inputs.outputs(),
                      inputs.boolMaskedPos() != null,
                      !inputs.imageSize().equals(model.config().imageSize())
                          || inputs.needsInterpolation(model.config())));
          try {
            return run(graph, inputs);
          } catch (OrtException e) {
            throw new BackendException(
                "ONNX Runtime could not run %s on %s: %s; try fewer images at a time"
                    .formatted(inputs.pixelValues(), info.device(), OneLine.reason(e)),
                e);
          }
        });
  }

  private ViTOutputs run(OrtSession graph, ViTInputs inputs) throws OrtException {
    ViTConfig config = model.config();
    Map<String, Tensor> given = new HashMap<>();
    given.put(ViTGraph.PIXEL_VALUES, inputs.pixelValues());
    if (inputs.boolMaskedPos() != null) {
      given.put(ViTGraph.BOOL_MASKED_POS, NativeMemory.normalisedMask(inputs.boolMaskedPos()));
    }
    int patches = inputs.patchRows(config) * inputs.patchColumns(config);
    Set<String> names = graph.getInputNames();
    if (names.contains(ViTGraph.POSITION_EMBEDDINGS)) {
      given.put(ViTGraph.POSITION_EMBEDDINGS, positions.get(inputs));
    }
    if (names.contains(ViTGraph.DECODER_BLOCKS)) {
      given.put(ViTGraph.DECODER_BLOCKS, Tensor.of(ViTGraph.decoderBlocks(config, patches), 6));
      given.put(ViTGraph.DECODER_IMAGE, Tensor.of(ViTGraph.decoderImage(config, patches), 4));
    }

    OutputTensors outputs = OutputTensors.allocate(model, inputs);
    Map<String, OnnxTensor> feeds = new LinkedHashMap<>();
    Map<String, OnnxTensor> results = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, Tensor> entry : given.entrySet()) {
        feeds.put(entry.getKey(), Buffers.view(environment, entry.getValue()));
      }
      // ONNX Runtime writes straight into the caller's tensors.
      for (Map.Entry<String, Tensor> entry : outputs.byName().entrySet()) {
        results.put(entry.getKey(), Buffers.view(environment, entry.getValue()));
      }
      permits.acquireUninterruptibly();
      try {
        graph.run(feeds, results).close();
      } finally {
        permits.release();
      }
    } finally {
      feeds.values().forEach(OnnxTensor::close);
      results.values().forEach(OnnxTensor::close);
      Reference.reachabilityFence(given);
      Reference.reachabilityFence(this); // and with it the weights that the engine reads
    }
    return outputs.toOutputs();
  }

  @Override
  public SessionInfo info() {
    return info;
  }

  @Override
  public void close() {
    gate.close(graphs::close);
  }
}
