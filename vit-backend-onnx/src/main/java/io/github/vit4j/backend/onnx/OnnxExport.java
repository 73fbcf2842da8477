package io.github.vit4j.backend.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.CheckpointException;
import io.github.vit4j.error.OneLine;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.ModelSource;
import io.github.vit4j.spi.Output;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.AtomicFile;
import io.github.vit4j.weights.Weight;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.ref.Reference;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/** Models as ONNX files. */
public final class OnnxExport {
  /** Protocol buffers end at 2 GB; the graph around the weights needs less than a megabyte. */
  private static final long MAX_BYTES = Integer.MAX_VALUE - (1L << 20);

  private OnnxExport() {}

  /**
   * Writes a model as one ONNX file with its weights inside, in float32, of the standard's
   * operators (operator set 20) alone. The file appears whole or not at all; one that is there is
   * replaced.
   *
   * <p>Input {@code pixel_values} float32 [n, channels, height, width] of the configured size, and
   * for masked image modelling also {@code bool_masked_pos} bool [n, patches] where the model can
   * take it. Output {@code logits}; or {@code last_hidden_state} and, if there is a pooler, {@code
   * pooler_output}; or {@code reconstruction}. Shapes are those of {@link Output}.
   *
   * @throws BackendException if the model is an exported graph already, or takes more than 2 GB
   * @throws CheckpointException if the file cannot be written
   */
  public static void write(ModelDefinition model, Path file) {
    if (!(model.source() instanceof ModelSource.Weights weights)) {
      throw new BackendException("the model is an ONNX file already; copy it");
    }
    long bytes =
        weights.byName().values().stream()
            .mapToLong(weight -> weight.tensor().elementCount() * Float.BYTES)
            .sum();
    if (bytes > MAX_BYTES) {
      throw new BackendException(
          "the weights take %d bytes in float32, an ONNX file holds %d; export it as TorchScript"
              .formatted(bytes, MAX_BYTES));
    }
    WeightSource source = new WeightSource(weights);
    try (source;
        Arena arena = Arena.ofShared()) {
      source.filesAreUnchanged();
      ModelProto graph =
          ViTGraph.standard(
              model.config(),
              new GraphKey(outputs(model), BuiltSession.usuallyMasked(model), false),
              (name, shape) -> embedded(arena, weights, name, shape));
      AtomicFile.write(
          file,
          channel -> {
            OutputStream stream = new BufferedOutputStream(Channels.newOutputStream(channel));
            graph.writeTo(stream);
            stream.flush();
            source.filesAreUnchanged(); // throws if one was written to meanwhile
          });
    } catch (IOException e) {
      throw new CheckpointException("cannot write %s: %s".formatted(file, OneLine.reason(e)), e);
    } finally {
      Reference.reachabilityFence(model);
    }
  }

  private static Set<Output> outputs(ModelDefinition model) {
    return switch (model.architecture()) {
      case VIT_FOR_IMAGE_CLASSIFICATION -> Set.of(Output.LOGITS);
      case VIT_FOR_MASKED_IMAGE_MODELING -> Set.of(Output.RECONSTRUCTION);
      case VIT_MODEL ->
          model.hasPooler()
              ? EnumSet.of(Output.LAST_HIDDEN_STATE, Output.POOLER_OUTPUT)
              : EnumSet.of(Output.LAST_HIDDEN_STATE);
    };
  }

  private static TensorProto embedded(
      Arena arena, ModelSource.Weights weights, String name, long... shape) {
    Weight weight = Objects.requireNonNull(weights.byName().get(name), name);
    Tensor tensor = FloatConversion.toFloat32(arena, weight.tensor());
    // Not copied: it is written before the arena ends.
    ByteString data = UnsafeByteOperations.unsafeWrap(tensor.data().asByteBuffer());
    TensorProto.Builder proto =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.FLOAT.getNumber())
            .setRawData(data);
    for (long dimension : shape) {
      proto.addDims(dimension);
    }
    return proto.build();
  }
}
