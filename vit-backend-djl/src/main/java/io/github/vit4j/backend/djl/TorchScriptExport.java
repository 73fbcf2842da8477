package io.github.vit4j.backend.djl;

import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.CheckpointException;
import io.github.vit4j.error.OneLine;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.ModelSource;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.AtomicFile;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Models as TorchScript files. */
public final class TorchScriptExport {
  private static final int CHUNK = 1 << 20;

  private TorchScriptExport() {}

  /**
   * Writes a model as a TorchScript archive with its weights inside, in float32, which {@code
   * torch.jit.load} of Python and {@code torch::jit::load} of C++ read. The file appears whole or
   * not at all; one that is there is replaced. Loads no library.
   *
   * <p>{@code forward(pixel_values, interpolate_pos_encoding=False)}, with {@code
   * bool_masked_pos=None} between the two where the model has a mask token, returns a dictionary:
   * {@code logits}; or {@code last_hidden_state} and, if there is a pooler, {@code pooler_output};
   * or {@code reconstruction}. Shapes are those of {@link io.github.vit4j.spi.Output}.
   *
   * @throws BackendException if the model is an exported graph
   * @throws CheckpointException if the file cannot be written
   */
  public static void write(ModelDefinition model, Path file) {
    if (!(model.source() instanceof ModelSource.Weights weights)) {
      throw new BackendException(
          "the model is an ONNX file, which cannot be exported as TorchScript; export its checkpoint");
    }
    MappedFiles files = new MappedFiles(weights.byName().values());
    List<String> names = new ArrayList<>();
    Map<String, Tensor> distinct = new LinkedHashMap<>();
    List<WeightList.Entry> entries = WeightList.of(model);
    for (WeightList.Entry entry : entries) {
      WeightList.Entry there = entry.weight() == null ? entries.getFirst() : entry;
      String identifier = there.name().replace('.', '_');
      names.add(identifier);
      distinct.put(identifier, WeightList.tensor(there));
    }
    String code = ViTScript.forExport(model, names);
    try {
      AtomicFile.write(
          file,
          channel -> {
            write(channel, code, distinct);
            files.check();
          });
    } catch (IOException e) {
      throw new CheckpointException("cannot write %s: %s".formatted(file, OneLine.reason(e)), e);
    } finally {
      Reference.reachabilityFence(model);
    }
  }

  private static void write(FileChannel channel, String code, Map<String, Tensor> weights)
      throws IOException {
    PickleWriter pickle =
        new PickleWriter()
            .global("__torch__", "ViT")
            .emptyTuple()
            .newInstance()
            .emptyDictionary()
            .mark()
            .string("training")
            .no();
    int storage = 0;
    for (Map.Entry<String, Tensor> entry : weights.entrySet()) {
      pickle.string(entry.getKey());
      tensor(pickle, Integer.toString(storage++), entry.getValue());
    }
    byte[] data = pickle.setItems().build().toBytes();
    ZipOutputStream zip = // not closed, as that would close the channel
        new ZipOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel), CHUNK));
    CodeArchive.add(zip, "version", CodeArchive.VERSION.getBytes(StandardCharsets.UTF_8));
    CodeArchive.add(zip, "constants.pkl", new PickleWriter().emptyTuple().toBytes());
    CodeArchive.add(zip, "data.pkl", data);
    CodeArchive.add(zip, "code/__torch__.py", code.getBytes(StandardCharsets.UTF_8));
    storage = 0;
    for (Tensor tensor : weights.values()) {
      store(zip, "data/" + storage++, tensor.to(ElementType.FLOAT32));
    }
    zip.finish();
    zip.flush();
  }

  /** A call of {@code torch._utils._rebuild_tensor_v2}, as {@code torch.save} writes it. */
  private static void tensor(PickleWriter pickle, String storage, Tensor tensor) {
    pickle
        .global("torch._utils", "_rebuild_tensor_v2")
        .mark()
        .mark()
        .string("storage")
        .global("torch", "FloatStorage")
        .string(storage)
        .string("cpu")
        .integer(tensor.elementCount())
        .tuple()
        .persistentId()
        .integer(0)
        .mark();
    long[] shape = tensor.shape();
    for (long dimension : shape) {
      pickle.integer(dimension);
    }
    pickle.tuple().mark();
    for (int i = 0; i < shape.length; i++) {
      long stride = 1;
      for (int j = i + 1; j < shape.length; j++) {
        stride *= shape[j];
      }
      pickle.integer(stride);
    }
    pickle.tuple().no().global("collections", "OrderedDict").emptyTuple().call().tuple().call();
  }

  /** Not compressed: PyTorch reads no other. */
  private static void store(ZipOutputStream zip, String name, Tensor tensor) throws IOException {
    ZipEntry entry = new ZipEntry(CodeArchive.FOLDER + name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(tensor.data().byteSize());
    CRC32 crc = new CRC32();
    byte[] chunk = new byte[CHUNK];
    for (long from = 0; from < tensor.data().byteSize(); from += CHUNK) {
      crc.update(chunk, 0, read(tensor, from, chunk));
    }
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    for (long from = 0; from < tensor.data().byteSize(); from += CHUNK) {
      zip.write(chunk, 0, read(tensor, from, chunk));
    }
    zip.closeEntry();
  }

  private static int read(Tensor tensor, long from, byte[] chunk) {
    int length = (int) Math.min(chunk.length, tensor.data().byteSize() - from);
    MemorySegment.copy(tensor.data(), from, MemorySegment.ofArray(chunk), 0, length);
    return length;
  }
}
