package io.github.vit4j.backend.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.OneLine;
import io.github.vit4j.weights.Weight;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * The 8-bit weights of one graph, in a file of the temporary folder that is there while ONNX
 * Runtime loads the graph.
 *
 * <p>ONNX Runtime maps the file and lets go of each weight once it has packed it for its matrix
 * products, so that one copy of the weights remains. Weights are quantised one by one, so that no
 * more than a few are in memory at a time. Not thread-safe.
 */
final class QuantizedWeights implements AutoCloseable {
  private static final String FILE = "weights.int8";

  /** Of every tensor in the file: a line of the cache. */
  private static final int ALIGNMENT = 64;

  private final Function<String, Weight> weights;
  private final Path directory;
  private final Map<String, Place> places = new LinkedHashMap<>();
  private long end;

  private record Place(long values, long scales, long out, long in) {}

  /**
   * Makes the folder; the file is written by {@link #write}.
   *
   * @param weights finds a weight of the model by its name
   * @throws BackendException if the temporary folder cannot be written to
   */
  QuantizedWeights(Function<String, Weight> weights) {
    this.weights = weights;
    try {
      this.directory = Files.createTempDirectory("vit4j-int8").toRealPath();
    } catch (IOException e) {
      throw new BackendException(
          "int8 weights need a temporary folder: %s; name one that can be written to with -Djava.io.tmpdir"
              .formatted(OneLine.reason(e)),
          e);
    }
  }

  /** The folder of the file. */
  Path directory() {
    return directory;
  }

  /** The values [in, out] of a weight [out, in], int8. */
  TensorProto declare(String name, long out, long in) {
    Place place = place(name, out, in);
    return WeightSource.external(
        name + ".int8", TensorProto.DataType.INT8, FILE, place.values, out * in, in, out);
  }

  /** The scales [out] of a weight that was declared, float32. */
  TensorProto declareScales(String name, long out) {
    Place place = places.get(name);
    if (place == null) {
      throw new IllegalStateException("not declared: " + name);
    }
    return WeightSource.external(
        name + ".scales", TensorProto.DataType.FLOAT, FILE, place.scales, out * Float.BYTES, out);
  }

  private Place place(String name, long out, long in) {
    return places.computeIfAbsent(
        name,
        _ -> {
          long values = end;
          long scales = aligned(values + out * in);
          end = aligned(scales + out * Float.BYTES);
          return new Place(values, scales, out, in);
        });
  }

  private static long aligned(long offset) {
    return Math.ceilDiv(offset, ALIGNMENT) * ALIGNMENT;
  }

  /**
   * Quantises all weights that were declared, several at a time, and writes the file.
   *
   * @throws BackendException if there is no room for it
   */
  void write() {
    try (FileChannel file =
        FileChannel.open(
            directory.resolve(FILE), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      places.entrySet().parallelStream()
          .forEach(entry -> write(file, entry.getKey(), entry.getValue()));
    } catch (IOException | Failed e) {
      throw new BackendException(
          "the int8 weights, %d MB, cannot be written to %s: %s; make room there or name another folder with -Djava.io.tmpdir"
              .formatted(
                  Math.ceilDiv(end, 1_000_000),
                  directory,
                  OneLine.reason(e instanceof Failed failed ? failed.reason : e)),
          e);
    }
  }

  private void write(FileChannel file, String name, Place place) {
    Weight weight = weights.apply(name);
    try (Arena arena = Arena.ofConfined()) {
      Quantization quantized =
          Quantization.of(
              arena,
              FloatConversion.toFloat32(arena, weight.tensor()).reshape(place.out, place.in));
      write(file, quantized.values().data().asByteBuffer(), place.values);
      write(file, quantized.scales().data().asByteBuffer(), place.scales);
    } catch (IOException e) {
      throw new Failed(e);
    }
    if (weight.region() != null && weight.tensor().data().isMapped()) {
      weight.tensor().data().unload(); // comes back from the file, should it be read again
    }
  }

  private static void write(FileChannel file, ByteBuffer bytes, long offset) throws IOException {
    while (bytes.hasRemaining()) {
      file.write(bytes, offset + bytes.position());
    }
  }

  /** Through a stream, which lets no checked exception through. */
  private static final class Failed extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final IOException reason;

    Failed(IOException reason) {
      super(reason);
      this.reason = reason;
    }
  }

  /** Deletes the file; where ONNX Runtime still has it mapped, that may have to wait. */
  @Override
  public void close() {
    for (Path path : new Path[] {directory.resolve(FILE), directory}) {
      try {
        Files.deleteIfExists(path);
      } catch (IOException e) {
        directory.toFile().deleteOnExit(); // Windows keeps files that are mapped
        path.toFile().deleteOnExit();
      }
    }
  }
}
