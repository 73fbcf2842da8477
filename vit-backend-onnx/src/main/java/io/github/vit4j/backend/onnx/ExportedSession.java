package io.github.vit4j.backend.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.error.OneLine;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.NativeMemory;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.RunGate;
import io.github.vit4j.spi.SessionInfo;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A model on a graph that somebody exported. Inputs and outputs are found by HuggingFace's names;
 * hidden states and attentions as {@code hidden_states.0}, {@code attentions.0} and so on.
 */
final class ExportedSession implements ViTSession {
  private final ModelDefinition model;
  private final Path file;
  private final SessionInfo info;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final TensorInfo pixelValues;
  private final @Nullable TensorInfo boolMaskedPos;
  private final Semaphore permits;
  private final RunGate gate = new RunGate();

  private ExportedSession(
      ModelDefinition model,
      Path file,
      SessionInfo info,
      OrtEnvironment environment,
      OrtSession session,
      TensorInfo pixelValues,
      @Nullable TensorInfo boolMaskedPos,
      Semaphore permits) {
    this.model = model;
    this.file = file;
    this.info = info;
    this.environment = environment;
    this.session = session;
    this.pixelValues = pixelValues;
    this.boolMaskedPos = boolMaskedPos;
    this.permits = permits;
  }

  /**
   * Loads the graph.
   *
   * @throws BackendException if it is not a graph that ONNX Runtime can run, or not one of a ViT
   */
  static ExportedSession open(
      ModelDefinition model, Path file, OrtOptions options, SessionInfo info) {
    if (!Files.isRegularFile(file)) {
      throw new BackendException("there is no file " + file + "; give the path of an ONNX graph");
    }
    OrtEnvironment environment = OrtLibrary.environment();
    OrtSession session;
    try (OrtSession.SessionOptions sessionOptions = options.create()) {
      session = environment.createSession(file.toString(), sessionOptions);
    } catch (OrtException e) {
      throw new BackendException(
          "ONNX Runtime could not load %s: %s; export it again".formatted(file, OneLine.reason(e)),
          e);
    }
    try {
      return checked(model, file, info, environment, session, options.permits());
    } catch (OrtException e) {
      close(session);
      throw new BackendException(
          "ONNX Runtime could not describe %s: %s; export it again"
              .formatted(file, OneLine.reason(e)),
          e);
    } catch (RuntimeException e) {
      close(session);
      throw e;
    }
  }

  private static ExportedSession checked(
      ModelDefinition model,
      Path file,
      SessionInfo info,
      OrtEnvironment environment,
      OrtSession session,
      Semaphore permits)
      throws OrtException {
    Map<String, TensorInfo> inputs = tensors(session.getInputInfo());
    TensorInfo pixelValues = inputs.get(ViTGraph.PIXEL_VALUES);
    TensorInfo mask = inputs.get(ViTGraph.BOOL_MASKED_POS);
    Set<String> unknown = new LinkedHashSet<>(session.getInputNames());
    unknown.remove(ViTGraph.PIXEL_VALUES);
    unknown.remove(ViTGraph.BOOL_MASKED_POS);
    if (pixelValues == null || !unknown.isEmpty()) {
      throw new BackendException(
          "%s is not the graph of a ViT: its inputs are %s, expected pixel_values and perhaps bool_masked_pos"
              .formatted(file, session.getInputNames()));
    }
    if (pixelValues.type != OnnxJavaType.FLOAT) {
      throw new BackendException(
          "%s takes pixel_values as %s, expected FLOAT; export it in float32"
              .formatted(file, pixelValues.type));
    }
    if (mask != null && mask.type != OnnxJavaType.BOOL) {
      throw new BackendException(
          "%s takes bool_masked_pos as %s, expected BOOL; export it so".formatted(file, mask.type));
    }
    for (Map.Entry<String, TensorInfo> output : tensors(session.getOutputInfo()).entrySet()) {
      if (isOutput(output.getKey()) && output.getValue().type != OnnxJavaType.FLOAT) {
        throw new BackendException(
            "%s gives %s as %s, expected FLOAT; export it in float32"
                .formatted(file, output.getKey(), output.getValue().type));
      }
    }
    return new ExportedSession(model, file, info, environment, session, pixelValues, mask, permits);
  }

  private static boolean isOutput(String name) {
    for (Output output : Output.values()) {
      if (name.equals(output.toString()) || name.startsWith(output + ".")) {
        return true;
      }
    }
    return false;
  }

  private static Map<String, TensorInfo> tensors(Map<String, NodeInfo> nodes) {
    Map<String, TensorInfo> tensors = new HashMap<>();
    nodes.forEach(
        (name, node) -> {
          if (node.getInfo() instanceof TensorInfo tensor) {
            tensors.put(name, tensor);
          }
        });
    return tensors;
  }

  @Override
  public ViTOutputs run(ViTInputs inputs) {
    return gate.run(
        () -> {
          inputs.checkAgainst(model);
          checkAgainstGraph(inputs);
          Set<String> names = new LinkedHashSet<>();
          inputs.outputs().forEach(output -> names.addAll(names(output)));
          try {
            return run(inputs, names);
          } catch (OrtException e) {
            throw new BackendException(
                "ONNX Runtime could not run %s on %s: %s; check that the graph was exported for such inputs"
                    .formatted(file, inputs.pixelValues(), OneLine.reason(e)),
                e);
          }
        });
  }

  private void checkAgainstGraph(ViTInputs inputs) {
    long[] expected = pixelValues.getShape();
    long[] given = inputs.pixelValues().shape();
    boolean fits = expected.length == given.length;
    for (int i = 0; fits && i < given.length; i++) {
      fits = expected[i] < 0 || expected[i] == given[i]; // negative: any
    }
    if (!fits) {
      throw new InvalidInputException(
          "%s was exported for pixel_values %s (-1 is any), got %s"
              .formatted(file, Tensor.shapeToString(expected), inputs.pixelValues()));
    }
    if (inputs.boolMaskedPos() != null && boolMaskedPos == null) {
      throw new InvalidInputException(
          "bool_masked_pos was given, but %s has no such input".formatted(file));
    }
  }

  /** The graph's outputs that make up {@code output}. */
  private List<String> names(Output output) {
    Set<String> present = session.getOutputNames();
    List<String> names = ViTGraph.names(model.config(), output);
    if (!present.containsAll(names)) {
      throw new InvalidInputException(
          "%s has no output %s; it has %s".formatted(file, output, present));
    }
    return names;
  }

  private ViTOutputs run(ViTInputs inputs, Set<String> names) throws OrtException {
    Map<String, Tensor> given = new HashMap<>();
    given.put(ViTGraph.PIXEL_VALUES, inputs.pixelValues());
    if (boolMaskedPos != null) {
      Tensor mask = inputs.boolMaskedPos();
      long patches = (long) inputs.patchRows(model.config()) * inputs.patchColumns(model.config());
      given.put(
          ViTGraph.BOOL_MASKED_POS,
          mask == null
              ? Tensor.allocate(ElementType.BOOL, inputs.batchSize(), patches) // nothing masked
              : NativeMemory.normalisedMask(mask));
    }
    Map<String, OnnxTensor> feeds = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, Tensor> entry : given.entrySet()) {
        feeds.put(entry.getKey(), Buffers.view(environment, entry.getValue()));
      }
      Map<String, Tensor> outputs = new LinkedHashMap<>();
      permits.acquireUninterruptibly();
      try (OrtSession.Result result = session.run(feeds, names)) {
        for (Map.Entry<String, OnnxValue> entry : result) {
          outputs.put(entry.getKey(), copy((OnnxTensor) entry.getValue()));
        }
      } finally {
        permits.release();
      }
      return new OutputTensors(outputs).toOutputs();
    } finally {
      feeds.values().forEach(OnnxTensor::close);
      Reference.reachabilityFence(given);
    }
  }

  private static Tensor copy(OnnxTensor value) {
    ByteBuffer bytes = value.getByteBuffer();
    Tensor tensor = Tensor.allocate(ElementType.FLOAT32, value.getInfo().getShape());
    tensor.data().copyFrom(MemorySegment.ofBuffer(bytes));
    return tensor;
  }

  @Override
  public SessionInfo info() {
    return info;
  }

  @Override
  public void close() {
    gate.close(() -> close(session));
  }

  private static void close(OrtSession session) {
    try {
      session.close();
    } catch (OrtException e) {
      throw new BackendException("ONNX Runtime could not close: " + OneLine.reason(e), e);
    }
  }
}
