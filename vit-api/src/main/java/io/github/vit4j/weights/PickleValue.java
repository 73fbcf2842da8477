package io.github.vit4j.weights;

import io.github.vit4j.tensor.ElementType;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a pickle of a state dict can hold. All of it is inert data: nothing here has behaviour that
 * a file could choose.
 *
 * <p>Containers compare by identity. A hostile file can nest them a million deep, or in themselves,
 * so that nothing must ever walk into them.
 */
sealed interface PickleValue {
  /** What messages call a value of this kind. */
  default String kind() {
    return switch (this) {
      case None none -> "None";
      case Bool bool -> "a bool";
      case Int number -> "an int";
      case LongInt number -> "an int";
      case Real number -> "a float";
      case Text text -> "a str";
      case Tuple tuple -> "a tuple";
      case Sequence list -> "a list";
      case Dict dict -> "a dict";
      case Function function -> "a function";
      case Dtype dtype -> "a dtype";
      case StorageType type -> "a storage type";
      case Storage storage -> "a storage";
      case View view -> "a tensor";
    };
  }

  /** {@code None}. */
  enum None implements PickleValue {
    NONE
  }

  /** {@code True} or {@code False}. */
  record Bool(boolean value) implements PickleValue {}

  /** An int of 64 bits. */
  record Int(long value) implements PickleValue {}

  /** A longer int; the magic number of torch's old format is one. */
  record LongInt(BigInteger value) implements PickleValue {}

  /** A float. */
  record Real(double value) implements PickleValue {}

  /** A str. */
  record Text(String value) implements PickleValue {}

  /** A tuple, also a {@code torch.Size}. */
  final class Tuple implements PickleValue {
    private final List<PickleValue> items;

    Tuple(List<PickleValue> items) {
      this.items = List.copyOf(items);
    }

    List<PickleValue> items() {
      return items;
    }
  }

  /** A list. */
  final class Sequence implements PickleValue {
    private final List<PickleValue> items = new ArrayList<>(0);

    List<PickleValue> items() {
      return items;
    }
  }

  /** A dict or an {@code OrderedDict}. */
  final class Dict implements PickleValue {
    private final boolean ordered;
    private final Map<String, PickleValue> entries = new LinkedHashMap<>(0);

    Dict(boolean ordered) {
      this.ordered = ordered;
    }

    /** Whether it is an {@code OrderedDict}, which may have attributes. */
    boolean isOrdered() {
      return ordered;
    }

    /** Only what has a str as its key: nothing else is asked for. */
    Map<String, PickleValue> entries() {
      return entries;
    }
  }

  /** A function that is known by name, and whose meaning the reader has built in. */
  enum Function implements PickleValue {
    ORDERED_DICT,
    SIZE,
    REBUILD_TENSOR,
    REBUILD_TENSOR_V2,
    REBUILD_TENSOR_V3,
    REBUILD_PARAMETER
  }

  /**
   * A {@code torch.dtype}.
   *
   * @param name torch's name, for example {@code float16}
   * @param elementType null when no element type stands for it
   * @param byteSize bytes per element
   */
  record Dtype(String name, @Nullable ElementType elementType, int byteSize)
      implements PickleValue {}

  /**
   * A class of storages, for example {@code torch.FloatStorage}.
   *
   * @param dtype of its elements; bytes for an untyped one
   */
  record StorageType(Dtype dtype) implements PickleValue {}

  /**
   * A block of numbers outside the pickle.
   *
   * @param type what it consists of
   * @param key names the block in the file
   * @param count how many elements the block has
   * @param first where this part of the block begins, in elements; 0 but in very old files
   * @param length how many elements this part has
   */
  record Storage(StorageType type, String key, long count, long first, long length)
      implements PickleValue {}

  /**
   * A tensor: a view of a storage. Nothing in it is checked against anything yet.
   *
   * @param storage holds the numbers
   * @param dtype of the elements
   * @param offset of the first element in the storage
   * @param shape as many sizes as {@code strides}
   * @param strides in elements
   */
  @SuppressWarnings("ArrayRecordComponent") // package-private and never compared
  record View(Storage storage, Dtype dtype, long offset, long[] shape, long[] strides)
      implements PickleValue {}
}
