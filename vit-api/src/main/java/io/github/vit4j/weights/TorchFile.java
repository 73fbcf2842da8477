package io.github.vit4j.weights;

import io.github.vit4j.error.CheckpointException;
import io.github.vit4j.weights.PickleValue.Dict;
import io.github.vit4j.weights.PickleValue.View;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads what {@code torch.save(model.state_dict(), "pytorch_model.bin")} writes: the zip archive of
 * torch 1.6 and later, and the older form. The pickle inside is read by {@link PickleReader}, which
 * executes nothing; the tensors are views of the mapped file wherever they lie there as they are.
 *
 * <p>Source: {@code torch/serialization.py}.
 */
final class TorchFile {
  /** A pickle that announces its protocol begins with this byte. */
  private static final int PROTO = 0x80;

  /** Where the archives of torch before 0.1.10 say that they are archives of tar. */
  private static final int TAR_MAGIC = 257;

  /** The largest hold a few hundred bytes a tensor. */
  private static final long MAX_PICKLE_BYTES = 64L << 20;

  /** Under which training scripts put the state dict beside other things. */
  private static final String[] WRAPPERS = {"state_dict", "model"};

  private TorchFile() {}

  /**
   * Where a storage's numbers lie.
   *
   * @param offset from the start of the file
   * @param length bytes
   * @param crc32 what the checksum of the bytes is said to be; negative when nothing is said
   */
  record Block(long offset, long length, long crc32) {}

  /** Finds the block that holds the storage of that key. */
  interface Blocks {
    /**
     * The block, somewhere inside the file.
     *
     * @throws CheckpointException if there is none
     */
    Block find(PickleValue.Storage storage);
  }

  /** Whether the first bytes are those of one of the two forms. */
  static boolean isTorchFile(MappedFile file) {
    // A safetensors file begins with a length, which can be any bytes, and then this.
    return (TorchZip.isZip(file) || file.byteAt(0) == PROTO) && file.byteAt(8) != '{';
  }

  /**
   * Views the tensors of a file.
   *
   * @throws CheckpointException if it is not valid, or its pickle holds anything that a state dict
   *     of tensors does not need
   */
  static Contents read(MappedFile file) {
    if (TorchZip.isZip(file)) {
      TorchZip zip = TorchZip.read(file);
      Block pickle = zip.pickle();
      if (pickle.length() > MAX_PICKLE_BYTES) {
        throw invalid(
            file.source(),
            "its pickle has %d bytes, more than %d".formatted(pickle.length(), MAX_PICKLE_BYTES));
      }
      TorchTensors tensors = new TorchTensors(file, zip);
      MemorySegment bytes = tensors.checked(pickle);
      return tensors.contents(views(file, new PickleReader(file.source(), bytes, 0).read()));
    }
    if (file.byteAt(0) == PROTO) {
      long end = Math.min(file.size(), MAX_PICKLE_BYTES);
      PickleReader reader = new PickleReader(file.source(), file.bytes().asSlice(0, end), 0);
      TorchLegacy.readHead(file, reader);
      PickleValue root = reader.read();
      return new TorchTensors(file, TorchLegacy.read(file, reader)).contents(views(file, root));
    }
    boolean isTar = file.byteAt(TAR_MAGIC) == 'u' && file.byteAt(TAR_MAGIC + 1) == 's';
    throw invalid(
        file.source(),
        isTar
            ? "it is a tar archive of a very old torch; load it in Python and save it again"
            : "it begins neither as a zip archive nor as a pickle; fetch it again");
  }

  /** The tensors by name; what else a training script may have saved is left out. */
  private static Map<String, View> views(MappedFile file, PickleValue root) {
    if (!(root instanceof Dict dict)) {
      throw invalid(file.source(), "it holds %s, expected a state dict".formatted(root.kind()));
    }
    for (String wrapper : WRAPPERS) {
      if (dict.entries().get(wrapper) instanceof Dict inner) {
        dict = inner;
        break;
      }
    }
    Map<String, View> views = new LinkedHashMap<>();
    dict.entries()
        .forEach(
            (name, value) -> {
              if (value instanceof View view) {
                views.put(name, view);
              }
            });
    if (views.isEmpty()) {
      throw invalid(file.source(), "it holds no tensors, expected a state dict");
    }
    return views;
  }

  static CheckpointException invalid(String source, String problem) {
    return new CheckpointException(message(source, problem));
  }

  static String message(String source, String problem) {
    return "%s is not a valid torch checkpoint: %s".formatted(source, problem);
  }

  static CheckpointException refused(String source, String problem) {
    return new CheckpointException(
        "%s is refused: %s; nothing of it was executed, use model.safetensors or a source that you trust"
            .formatted(source, problem));
  }
}
