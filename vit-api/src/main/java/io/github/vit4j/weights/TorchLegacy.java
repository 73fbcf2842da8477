package io.github.vit4j.weights;

import io.github.vit4j.weights.PickleValue.Bool;
import io.github.vit4j.weights.PickleValue.Dict;
import io.github.vit4j.weights.PickleValue.Int;
import io.github.vit4j.weights.PickleValue.LongInt;
import io.github.vit4j.weights.PickleValue.Sequence;
import io.github.vit4j.weights.PickleValue.Storage;
import io.github.vit4j.weights.PickleValue.Text;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/**
 * What torch wrote before 1.6: pickles of a magic number, a version, the machine, the state dict
 * and the storages' keys, then the storages one after the other, each after its length. Source:
 * {@code _legacy_save} and {@code _legacy_load} of {@code torch/serialization.py}.
 */
final class TorchLegacy {
  private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final long VERSION = 1001;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private TorchLegacy() {}

  /** Reads what precedes the state dict. */
  static void readHead(MappedFile file, PickleReader reader) {
    if (!(reader.read() instanceof LongInt magic && magic.value().equals(MAGIC))) {
      throw TorchFile.invalid(file.source(), "it is a pickle that torch.save did not write");
    }
    if (!(reader.read() instanceof Int version && version.value() == VERSION)) {
      throw TorchFile.invalid(file.source(), "its format has another version than " + VERSION);
    }
    if (!(reader.read() instanceof Dict machine)) {
      throw TorchFile.invalid(file.source(), "it does not say what machine it is from");
    }
    if (machine.entries().get("little_endian") instanceof Bool little && !little.value()) {
      throw TorchFile.invalid(
          file.source(), "its numbers are big-endian; save it again on a little-endian machine");
    }
  }

  /** Reads what follows the state dict. */
  static TorchFile.Blocks read(MappedFile file, PickleReader reader) {
    if (!(reader.read() instanceof Sequence keys)) {
      throw TorchFile.invalid(file.source(), "it has no list of storages");
    }
    Map<String, TorchFile.Block> blocks = new HashMap<>();
    long position = reader.position();
    for (PickleValue item : keys.items()) {
      Storage storage = item instanceof Text key ? reader.storages().get(key.value()) : null;
      if (storage == null) {
        throw TorchFile.invalid(file.source(), "it has a storage that no tensor refers to");
      }
      String name = "its storage " + Messages.quote(storage.key());
      if (file.size() - position < Long.BYTES) {
        throw TorchFile.invalid(file.source(), "it ends before %s".formatted(name));
      }
      long count = file.bytes().get(LONG, position);
      position += Long.BYTES;
      int elementBytes = storage.type().dtype().byteSize();
      if (count != storage.count()) {
        throw TorchFile.invalid(
            file.source(),
            "%s has %d elements, but its pickle says %d".formatted(name, count, storage.count()));
      }
      if (count > (file.size() - position) / elementBytes) {
        throw TorchFile.invalid(
            file.source(),
            "%s needs %d elements of %d bytes, but %d bytes follow; it is truncated, fetch it again"
                .formatted(name, count, elementBytes, file.size() - position));
      }
      long length = count * elementBytes;
      if (blocks.put(storage.key(), new TorchFile.Block(position, length, -1)) != null) {
        throw TorchFile.invalid(file.source(), name + " is there twice");
      }
      position += length;
    }
    return storage -> {
      TorchFile.Block block = blocks.get(storage.key());
      if (block == null) {
        throw TorchFile.invalid(
            file.source(), "it lacks the storage " + Messages.quote(storage.key()));
      }
      return block;
    };
  }
}
