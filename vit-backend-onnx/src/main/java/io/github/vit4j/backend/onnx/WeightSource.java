package io.github.vit4j.backend.onnx;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.spi.ModelSource;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.FileIdentity;
import io.github.vit4j.weights.FileRegion;
import io.github.vit4j.weights.Weight;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How ONNX Runtime gets at the weights of a model, the same for all its graphs.
 *
 * <p>A float32 weight that lies in a file is declared as external data: ONNX Runtime maps that part
 * of the file itself, and lets go of it once it has packed the weight for its matrix product. That
 * works for one directory; should the files lie in several, the one with most of the bytes is used.
 * Every other weight is handed over as a direct buffer over its memory, converted to float32 where
 * it is of another type.
 *
 * <p>ONNX Runtime opens files by their paths, which may lead to other files by then: whoever saves
 * a model over itself replaces the file. So the files are looked at before and after a graph is
 * created ({@link #filesAreUnchanged}), and a graph gets all its weights as buffers ({@link
 * #inMemory}) when they are not what was mapped: the mapping keeps the bytes of a file that was
 * replaced.
 *
 * <p>Holds whatever memory the buffers need until it is closed, which must not happen before the
 * last session that uses them is closed. Not thread-safe.
 */
final class WeightSource implements AutoCloseable {
  private final ModelSource.Weights weights;
  private final @Nullable Path directory;
  private final Set<MappedFile> files = new LinkedHashSet<>();
  private final Arena arena = Arena.ofShared();
  private final Map<String, Tensor> converted = new HashMap<>();
  private final List<OnnxTensor> buffers = new ArrayList<>();

  WeightSource(ModelSource.Weights weights) {
    this.weights = weights;
    this.directory = directoryWithMost(weights);
    for (Weight weight : weights.byName().values()) {
      FileRegion region = weight.region();
      if (region != null) {
        files.add(new MappedFile(region.file(), region.identity()));
      }
    }
  }

  private record MappedFile(Path path, @Nullable FileIdentity identity) {}

  private static @Nullable Path directoryWithMost(ModelSource.Weights weights) {
    Map<Path, Long> bytes = new LinkedHashMap<>();
    for (Weight weight : weights.byName().values()) {
      FileRegion region = weight.region();
      if (region != null && weight.tensor().elementType() == ElementType.FLOAT32) {
        Path parent = region.file().getParent();
        if (parent != null) {
          bytes.merge(parent, region.length(), Long::sum);
        }
      }
    }
    return bytes.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .orElse(null);
  }

  /**
   * Whether the paths of all files lead to what was mapped; false also where that cannot be told.
   *
   * @throws BackendException if a file was written to, so that the mapping has other bytes as well
   */
  boolean filesAreUnchanged() {
    boolean unchanged = true;
    for (MappedFile file : files) {
      FileIdentity.State state =
          file.identity == null ? FileIdentity.State.REPLACED : file.identity.stateOf(file.path);
      switch (state) {
        case UNCHANGED -> {}
        case REPLACED -> unchanged = false;
        case CHANGED ->
            throw new BackendException(
                "%s was changed while a model from it was in use; load the model again"
                    .formatted(file.path));
      }
    }
    return unchanged;
  }

  /** For a graph that reads the files, as far as it can. */
  Access inFiles() {
    return new Access(directory);
  }

  /** For a graph that reads no file. */
  Access inMemory() {
    return new Access(null);
  }

  /** The weights for one graph. */
  final class Access {
    private final @Nullable Path directory;

    private Access(@Nullable Path directory) {
      this.directory = directory;
    }

    /** The directory of the files that the declared tensors point into; null when none does. */
    @Nullable Path directory() {
      return directory;
    }

    /**
     * The parameter {@code name} as a tensor whose data lie outside the graph.
     *
     * @param shape as many elements as the weight has
     */
    TensorProto declare(String name, long... shape) {
      return WeightSource.declare(name, region(weight(name), directory), shape);
    }

    /**
     * The buffers of those parameters that are not read from a file.
     *
     * @param shapes by name, as they were declared
     */
    Map<String, OnnxTensorLike> buffers(OrtEnvironment environment, Map<String, long[]> shapes)
        throws OrtException {
      Map<String, OnnxTensorLike> result = new LinkedHashMap<>();
      for (Map.Entry<String, long[]> entry : shapes.entrySet()) {
        if (region(weight(entry.getKey()), directory) == null) {
          result.put(entry.getKey(), buffer(environment, entry.getKey(), entry.getValue()));
        }
      }
      return result;
    }
  }

  private static TensorProto declare(String name, @Nullable FileRegion region, long... shape) {
    if (region == null) {
      // Only a name: the buffer is found by the tensor's.
      return external(name, TensorProto.DataType.FLOAT, name, shape).build();
    }
    return external(
        name,
        TensorProto.DataType.FLOAT,
        region.file().getFileName().toString(),
        region.offset(),
        region.length(),
        shape);
  }

  /** A tensor that lies in the file {@code location} of the folder that the session is given. */
  static TensorProto external(
      String name,
      TensorProto.DataType type,
      String location,
      long offset,
      long length,
      long... shape) {
    return external(name, type, location, shape)
        .addExternalData(entry("offset", Long.toString(offset)))
        .addExternalData(entry("length", Long.toString(length)))
        .build();
  }

  private static TensorProto.Builder external(
      String name, TensorProto.DataType type, String location, long... shape) {
    TensorProto.Builder proto =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(type.getNumber())
            .setDataLocation(TensorProto.DataLocation.EXTERNAL);
    for (long dimension : shape) {
      proto.addDims(dimension);
    }
    return proto.addExternalData(entry("location", location));
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  private OnnxTensor buffer(OrtEnvironment environment, String name, long... shape)
      throws OrtException {
    Tensor ready = converted.get(name);
    if (ready == null) {
      ready = FloatConversion.toFloat32(arena, weight(name).tensor());
      converted.put(name, ready);
    }
    OnnxTensor buffer = toBuffer(environment, name, ready.reshape(shape));
    buffers.add(buffer);
    return buffer;
  }

  private static OnnxTensor toBuffer(OrtEnvironment environment, String name, Tensor ready)
      throws OrtException {
    if (ready.data().byteSize() > Integer.MAX_VALUE) {
      throw new BackendException(
          "weight %s takes %d bytes, more than a buffer can hold; store the model as float32 safetensors"
              .formatted(name, ready.data().byteSize()));
    }
    ByteBuffer buffer = ready.data().asByteBuffer().order(ByteOrder.nativeOrder());
    return OnnxTensor.createTensor(environment, buffer, ready.shape(), OnnxJavaType.FLOAT);
  }

  /**
   * The weight of that name.
   *
   * @throws BackendException if there is none
   */
  Weight weight(String name) {
    Weight weight = weights.byName().get(name);
    if (weight == null) {
      throw new BackendException(
          "the model lacks the weight %s; load a complete checkpoint".formatted(name));
    }
    return weight;
  }

  /** Where ONNX Runtime can read the weight itself, null where it cannot. */
  private static @Nullable FileRegion region(Weight weight, @Nullable Path directory) {
    FileRegion region = weight.region();
    return region != null
            && weight.tensor().elementType() == ElementType.FLOAT32
            && region.offset() % Float.BYTES == 0
            && region.file().getParent() != null
            && region.file().getParent().equals(directory)
        ? region
        : null;
  }

  @Override
  public void close() {
    buffers.forEach(OnnxTensor::close);
    buffers.clear();
    arena.close();
  }
}
