package io.github.vit4j.weights;

import io.github.vit4j.error.CheckpointException;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.PickleValue.View;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * Makes tensors of a pickle's views of storages: without a copy where the elements lie in the file
 * in order and aligned, else a copy in order.
 */
final class TorchTensors {
  /** What may be copied besides twice the size of the file. */
  private static final long FREE_COPIES = 16L << 20;

  /** What a checksum is fed at a time. */
  private static final long CHUNK = 64L << 20;

  private final MappedFile file;
  private final TorchFile.Blocks blocks;
  private final Set<TorchFile.Block> checked = new HashSet<>();
  private final Map<TorchFile.Block, MemorySegment> aligned = new HashMap<>();
  private long copiesLeft;

  TorchTensors(MappedFile file, TorchFile.Blocks blocks) {
    this.file = file;
    this.blocks = blocks;
    this.copiesLeft = 2 * file.size() + FREE_COPIES;
  }

  Contents contents(Map<String, View> views) {
    Map<String, Weight> weights = new LinkedHashMap<>();
    Map<String, String> unsupported = new LinkedHashMap<>();
    views.forEach(
        (name, view) -> {
          ElementType type = view.dtype().elementType();
          if (type == null) {
            unsupported.put(name, view.dtype().name());
          } else {
            weights.put(name, weight(name, view, type));
          }
        });
    return new Contents(weights, unsupported, Map.of());
  }

  private Weight weight(String name, View view, ElementType type) {
    PickleValue.Storage storage = view.storage();
    TorchFile.Block block = blocks.find(storage);
    long storageBytes = storage.type().dtype().byteSize();
    // Inside the block: how much of it there is was checked when it was found.
    long partOffset = storage.first() * storageBytes;
    long partBytes = storage.length() * storageBytes;
    long count = checkedCount(name, view, partBytes / type.byteSize());
    long offset = partOffset + (count == 0 ? 0 : view.offset() * type.byteSize());
    if ((block.offset() + offset) % type.byteSize() != 0) {
      MemorySegment copy = alignedCopy(block);
      if (offset % type.byteSize() != 0) {
        throw invalid(name, "begins in the middle of an element of its storage");
      }
      return Weight.of(name, tensor(name, view, type, copy, offset, count));
    }
    if (isContiguous(view)) {
      long length = count * type.byteSize();
      long begin = block.offset() + offset;
      Tensor tensor = Tensor.of(file.bytes().asSlice(begin, length), type, view.shape());
      return new Weight(name, tensor, file.region(begin, length));
    }
    return Weight.of(name, tensor(name, view, type, checked(block), offset, count));
  }

  /** The elements of a tensor whose last one is inside the storage. */
  private long checkedCount(String name, View view, long available) {
    long count = 1;
    long last = view.offset();
    boolean negative = view.offset() < 0;
    try {
      for (int axis = 0; axis < view.shape().length; axis++) {
        long size = view.shape()[axis];
        long stride = view.strides()[axis];
        negative |= size < 0 || stride < 0;
        count = Math.multiplyExact(count, size);
        last = Math.addExact(last, Math.multiplyExact(Math.max(size - 1, 0), stride));
      }
      Math.multiplyExact(count, Long.BYTES);
    } catch (ArithmeticException e) {
      throw new CheckpointException(
          TorchFile.message(
              file.source(),
              "tensor %s has a shape with too many elements".formatted(Messages.quote(name))),
          e);
    }
    if (negative) {
      throw invalid(name, "has a negative offset, size or stride");
    }
    if (count > 0 && last >= available) {
      throw invalid(
          name,
          "reaches element %d of its storage, which has %d elements".formatted(last, available));
    }
    return count;
  }

  private static boolean isContiguous(View view) {
    long expected = 1;
    for (int axis = view.shape().length - 1; axis >= 0; axis--) {
      long size = view.shape()[axis];
      if (size == 0) {
        return true;
      }
      if (size != 1 && view.strides()[axis] != expected) {
        return false;
      }
      expected *= size;
    }
    return true;
  }

  private Tensor tensor(
      String name, View view, ElementType type, MemorySegment block, long offset, long count) {
    if (isContiguous(view)) {
      return Tensor.of(block.asSlice(offset, count * type.byteSize()), type, view.shape());
    }
    spend(name, count * type.byteSize());
    Tensor tensor = Tensor.allocate(type, view.shape());
    copyInOrder(view, type.byteSize(), block, offset, tensor.data());
    return tensor;
  }

  /** Element after element of {@code to}, counting up the indices. */
  private static void copyInOrder(
      View view, int elementBytes, MemorySegment from, long offset, MemorySegment to) {
    long[] shape = view.shape();
    long[] index = new long[shape.length];
    long at = offset;
    for (long position = 0; position < to.byteSize(); position += elementBytes) {
      MemorySegment.copy(from, at, to, position, elementBytes);
      for (int axis = shape.length - 1; axis >= 0; axis--) {
        long step = view.strides()[axis] * elementBytes;
        at += step;
        if (++index[axis] < shape[axis]) {
          break;
        }
        at -= index[axis] * step;
        index[axis] = 0;
      }
    }
  }

  /** A few bytes of file can stand for any number of elements that are all the same. */
  private void spend(String name, long bytes) {
    copiesLeft -= bytes;
    if (copiesLeft < 0) {
      throw invalid(
          name,
          "takes %d bytes to copy into order, more than a file of %d bytes should need"
              .formatted(bytes, file.size()));
    }
  }

  private MemorySegment alignedCopy(TorchFile.Block block) {
    return aligned.computeIfAbsent(
        block,
        key -> {
          MemorySegment copy = Arena.ofAuto().allocate(Math.max(key.length(), 1), 64);
          MemorySegment.copy(checked(key), 0, copy, 0, key.length());
          return copy.asSlice(0, key.length()).asReadOnly();
        });
  }

  /** The bytes of a block after a look at its checksum. */
  MemorySegment checked(TorchFile.Block block) {
    MemorySegment bytes = file.bytes().asSlice(block.offset(), block.length());
    if (block.crc32() >= 0 && checked.add(block)) {
      CRC32 crc = new CRC32();
      for (long at = 0; at < bytes.byteSize(); at += CHUNK) {
        crc.update(bytes.asSlice(at, Math.min(CHUNK, bytes.byteSize() - at)).asByteBuffer());
      }
      if (crc.getValue() != block.crc32()) {
        throw TorchFile.invalid(
            file.source(),
            "the %d bytes at %d have another checksum than its archive says; it is damaged, fetch it again"
                .formatted(block.length(), block.offset()));
      }
    }
    return bytes;
  }

  private CheckpointException invalid(String name, String problem) {
    return TorchFile.invalid(
        file.source(), "tensor %s %s".formatted(Messages.quote(name), problem));
  }
}
