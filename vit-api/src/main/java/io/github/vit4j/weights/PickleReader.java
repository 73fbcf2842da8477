package io.github.vit4j.weights;

import io.github.vit4j.error.CheckpointException;
import io.github.vit4j.weights.PickleValue.Bool;
import io.github.vit4j.weights.PickleValue.Dict;
import io.github.vit4j.weights.PickleValue.Dtype;
import io.github.vit4j.weights.PickleValue.Function;
import io.github.vit4j.weights.PickleValue.Int;
import io.github.vit4j.weights.PickleValue.LongInt;
import io.github.vit4j.weights.PickleValue.None;
import io.github.vit4j.weights.PickleValue.Real;
import io.github.vit4j.weights.PickleValue.Sequence;
import io.github.vit4j.weights.PickleValue.Storage;
import io.github.vit4j.weights.PickleValue.StorageType;
import io.github.vit4j.weights.PickleValue.Text;
import io.github.vit4j.weights.PickleValue.Tuple;
import io.github.vit4j.weights.PickleValue.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads Python pickles that hold a state dict of tensors, and nothing else: a pickle is a program
 * for a stack machine, of which this one knows the instructions that {@code torch.save} writes for
 * dictionaries, lists, tuples, strings, numbers and tensors (protocols 2 to 5). It calls nothing
 * and loads nothing; a name that {@link TorchGlobals} does not list is refused.
 *
 * <p>Every instruction does a bounded amount of work, and there is a bound on their number, so that
 * time and memory are bounded too. Nothing is recursive.
 *
 * <p>Sources: {@code Lib/pickle.py} and {@code pickletools.py} of Python, {@code
 * torch/serialization.py}, {@code torch/_utils.py}, {@code torch/_weights_only_unpickler.py}.
 */
final class PickleReader {
  /**
   * Instructions, and what they handle one by one. A ViT takes some thirty a tensor; the largest
   * have a thousand tensors.
   */
  static final int MAX_STEPS = 1_000_000;

  private static final int MAX_PROTOCOL = 5;

  /** Of an int; the magic number of torch's old format takes ten bytes. */
  private static final int MAX_INT_BYTES = 16;

  /** Of the name of a module or of an object in it. */
  private static final int MAX_NAME_BYTES = 500;

  private static final int MAX_RANK = 64;

  private final String source;
  private final MemorySegment bytes;
  private long position;
  private int steps;

  private final List<PickleValue> stack = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();
  private final Map<Integer, PickleValue> memo = new HashMap<>();
  private final Map<String, Storage> storages = new HashMap<>();

  /**
   * Reads pickles that follow each other.
   *
   * @param source what to call the file in messages
   * @param bytes where reading ends at the latest
   * @param position where the first begins
   */
  PickleReader(String source, MemorySegment bytes, long position) {
    this.source = source;
    this.bytes = bytes;
    this.position = position;
  }

  /** The storages, by key, that the pickles have referred to. */
  Map<String, Storage> storages() {
    return storages;
  }

  /** Where the pickle that was read last ends. */
  long position() {
    return position;
  }

  /**
   * Reads the next pickle.
   *
   * @throws CheckpointException if it is not valid or holds what a state dict does not need
   */
  PickleValue read() {
    stack.clear();
    marks.clear();
    memo.clear();
    while (true) {
      spend(1);
      int code = unsignedByte();
      PickleOpcode opcode = PickleOpcode.of(code);
      if (opcode == null) {
        throw invalid("its pickle has the unknown instruction 0x%02x".formatted(code));
      }
      if (opcode == PickleOpcode.STOP) {
        PickleValue result = pop();
        if (!(stack.isEmpty() && marks.isEmpty())) {
          throw invalid("its pickle stops in the middle of a value");
        }
        return result;
      }
      execute(opcode);
    }
  }

  private void spend(int count) {
    steps += count;
    if (steps > MAX_STEPS) {
      throw invalid("its pickle takes more than %d steps to read".formatted(MAX_STEPS));
    }
  }

  private void execute(PickleOpcode opcode) {
    switch (opcode) {
      case PROTO -> {
        int protocol = unsignedByte();
        if (protocol < 2 || protocol > MAX_PROTOCOL) {
          throw invalid("its pickle has the protocol %d, expected 2 to 5".formatted(protocol));
        }
      }
      // How much of a stream to read at once: the bytes are all here.
      case FRAME -> skipFrameLength();
      case MARK -> marks.add(stack.size());
      case POP -> {
        // As Python does: a mark is popped like a value.
        if (!marks.isEmpty() && marks.getLast() == stack.size()) {
          marks.removeLast();
        } else {
          pop();
        }
      }
      case POP_MARK -> popToMark();
      case NONE -> push(None.NONE);
      case NEWTRUE -> push(new Bool(true));
      case NEWFALSE -> push(new Bool(false));
      case BININT -> push(new Int((int) littleEndian(4)));
      case BININT1 -> push(new Int(unsignedByte()));
      case BININT2 -> push(new Int(littleEndian(2)));
      case LONG1 -> push(integer(unsignedByte()));
      case LONG4 -> push(integer(littleEndian(4)));
      case BINFLOAT -> push(new Real(Double.longBitsToDouble(Long.reverseBytes(littleEndian(8)))));
      case SHORT_BINUNICODE, SHORT_BINSTRING -> push(new Text(text(unsignedByte())));
      case BINUNICODE, BINSTRING -> push(new Text(text(littleEndian(4))));
      case BINUNICODE8 -> push(new Text(text(littleEndian(8))));
      case EMPTY_TUPLE -> push(new Tuple(List.of()));
      case TUPLE1 -> push(new Tuple(pop(1)));
      case TUPLE2 -> push(new Tuple(pop(2)));
      case TUPLE3 -> push(new Tuple(pop(3)));
      case TUPLE -> push(new Tuple(popToMark()));
      case EMPTY_LIST -> push(new Sequence());
      case APPEND -> {
        List<PickleValue> items = pop(1);
        append(items);
      }
      case APPENDS -> append(popToMark());
      case EMPTY_DICT -> push(new Dict(false));
      case SETITEM -> setItems(pop(2));
      case SETITEMS -> setItems(popToMark());
      case BINPUT -> memo.put(unsignedByte(), top());
      case LONG_BINPUT -> memo.put((int) littleEndian(4), top());
      case MEMOIZE -> memo.put(memo.size(), top());
      case BINGET -> push(memorized(unsignedByte()));
      case LONG_BINGET -> push(memorized((int) littleEndian(4)));
      case GLOBAL -> {
        String module = line();
        push(global(module, line()));
      }
      case STACK_GLOBAL -> {
        List<PickleValue> names = pop(2);
        if (!(names.getFirst() instanceof Text module && names.getLast() instanceof Text name)) {
          throw invalid("its pickle looks up a name that is not a str");
        }
        push(global(module.value(), name.value()));
      }
      case BINPERSID -> push(storage(pop()));
      case REDUCE -> {
        List<PickleValue> call = pop(2);
        push(call(call.getFirst(), call.getLast()));
      }
      case BUILD -> build(pop());
      default ->
          throw refused(
              "its pickle has the instruction %s, which torch.save writes for no state dict of tensors"
                  .formatted(opcode));
    }
  }

  private void skipFrameLength() {
    long length = littleEndian(8);
    if (length < 0 || length > bytes.byteSize() - position) {
      throw invalid("its pickle announces more bytes than there are; it is truncated");
    }
  }

  // The stack.

  private void push(PickleValue value) {
    stack.add(value);
  }

  private void requireOnStack(int count) {
    int bottom = marks.isEmpty() ? 0 : marks.getLast();
    if (stack.size() - bottom < count) {
      throw invalid("its pickle takes a value from an empty stack");
    }
  }

  private PickleValue top() {
    requireOnStack(1);
    return stack.getLast();
  }

  private PickleValue pop() {
    requireOnStack(1);
    return stack.removeLast();
  }

  private List<PickleValue> pop(int count) {
    requireOnStack(count);
    return popFrom(stack.size() - count);
  }

  private List<PickleValue> popToMark() {
    if (marks.isEmpty()) {
      throw invalid("its pickle looks for a mark that is not there");
    }
    return popFrom(marks.removeLast());
  }

  private List<PickleValue> popFrom(int bottom) {
    List<PickleValue> last = stack.subList(bottom, stack.size());
    List<PickleValue> values = List.copyOf(last);
    last.clear();
    return values;
  }

  private PickleValue memorized(int index) {
    PickleValue value = memo.get(index);
    if (value == null) {
      throw invalid("its pickle recalls value %d, which was not stored".formatted(index));
    }
    return value;
  }

  // Containers.

  private void append(List<PickleValue> items) {
    if (!(top() instanceof Sequence list)) {
      throw invalid("its pickle appends to " + top().kind());
    }
    list.items().addAll(items);
  }

  private void setItems(List<PickleValue> items) {
    if (!(top() instanceof Dict dict)) {
      throw invalid("its pickle sets items of " + top().kind());
    }
    if (items.size() % 2 != 0) {
      throw invalid("its pickle sets a key without a value");
    }
    for (int i = 0; i < items.size(); i += 2) {
      put(dict, items.get(i), items.get(i + 1));
    }
  }

  private void put(Dict dict, PickleValue key, PickleValue value) {
    switch (key) {
      case Text text -> dict.entries().put(text.value(), value);
      // As the state of an optimizer has, which is left out.
      case Int number -> {}
      default ->
          throw invalid(
              "its pickle has %s as the key of a dict, expected a str".formatted(key.kind()));
    }
  }

  /** Attributes of a module's state dict: the versions of its parts, which nobody needs here. */
  private void build(PickleValue state) {
    if (!(top() instanceof Dict dict && dict.isOrdered() && state instanceof Dict)) {
      throw refused("its pickle sets the state of %s with BUILD".formatted(top().kind()));
    }
  }

  // What torch adds.

  private PickleValue global(String module, String name) {
    PickleValue value = TorchGlobals.find(module, name);
    if (value == null) {
      throw refused(
          "its pickle names the Python object %s, which no state dict of tensors needs"
              .formatted(Messages.quote(module + "." + name)));
    }
    return value;
  }

  private PickleValue call(PickleValue callable, PickleValue arguments) {
    if (!(callable instanceof Function function)) {
      throw refused("its pickle calls " + callable.kind());
    }
    if (!(arguments instanceof Tuple tuple)) {
      throw invalid("its pickle calls a function with " + arguments.kind());
    }
    List<PickleValue> items = tuple.items();
    return switch (function) {
      case ORDERED_DICT -> orderedDict(items);
      case SIZE -> sizes(items);
      case REBUILD_TENSOR -> view(items, 4, 4, false);
      case REBUILD_TENSOR_V2 -> view(items, 6, 7, false);
      case REBUILD_TENSOR_V3 -> view(items, 7, 8, true);
      case REBUILD_PARAMETER -> {
        if (items.size() != 3 || !(items.getFirst() instanceof View view)) {
          throw invalid("its pickle makes a parameter of something else than a tensor");
        }
        yield view;
      }
    };
  }

  /** Empty, to be filled; Python 2 hands over a list of pairs. */
  private Dict orderedDict(List<PickleValue> arguments) {
    Dict dict = new Dict(true);
    if (arguments.isEmpty()) {
      return dict;
    }
    if (arguments.size() != 1 || !(arguments.getFirst() instanceof Sequence pairs)) {
      throw invalid("its pickle makes an OrderedDict of something else than a list");
    }
    // One list can be handed over many times.
    spend(pairs.items().size());
    for (PickleValue pair : pairs.items()) {
      List<PickleValue> items =
          switch (pair) {
            case Sequence sequence -> sequence.items();
            case Tuple tuple -> tuple.items();
            default -> List.of();
          };
      if (items.size() != 2) {
        throw invalid("its pickle makes an OrderedDict of something else than pairs");
      }
      put(dict, items.getFirst(), items.getLast());
    }
    return dict;
  }

  private Tuple sizes(List<PickleValue> arguments) {
    if (arguments.size() != 1 || !(arguments.getFirst() instanceof Tuple sizes)) {
      throw invalid("its pickle makes a torch.Size of something else than a tuple");
    }
    return sizes;
  }

  /** Of (storage, offset, size, stride, requires_grad, hooks[, dtype][, metadata]). */
  private View view(List<PickleValue> arguments, int least, int most, boolean hasDtype) {
    if (arguments.size() < least
        || arguments.size() > most
        || !(arguments.get(0) instanceof Storage storage
            && arguments.get(1) instanceof Int offset
            && arguments.get(2) instanceof Tuple sizes
            && arguments.get(3) instanceof Tuple strides)) {
      throw invalid("its pickle makes a tensor of something else than storage, sizes and strides");
    }
    if (most > least
        && arguments.size() == most
        && !(arguments.getLast() == None.NONE
            || (arguments.getLast() instanceof Dict metadata && metadata.entries().isEmpty()))) {
      // Bits that say that the numbers are meant negated or conjugated.
      throw refused("its pickle has a tensor with metadata, which torch keeps of lazy views");
    }
    Dtype dtype = storage.type().dtype();
    if (hasDtype) {
      if (!(arguments.get(6) instanceof Dtype given)) {
        throw invalid("its pickle makes a tensor whose dtype is " + arguments.get(6).kind());
      }
      dtype = given;
    }
    long[] shape = numbers(sizes);
    long[] steps = numbers(strides);
    if (shape.length != steps.length) {
      throw invalid(
          "its pickle makes a tensor of %d sizes and %d strides"
              .formatted(shape.length, steps.length));
    }
    return new View(storage, dtype, offset.value(), shape, steps);
  }

  private long[] numbers(Tuple tuple) {
    if (tuple.items().size() > MAX_RANK) {
      throw invalid(
          "its pickle makes a tensor of %d dimensions, more than %d"
              .formatted(tuple.items().size(), MAX_RANK));
    }
    spend(tuple.items().size());
    long[] numbers = new long[tuple.items().size()];
    for (int i = 0; i < numbers.length; i++) {
      if (!(tuple.items().get(i) instanceof Int number)) {
        throw invalid(
            "its pickle makes a tensor with %s among its sizes or strides"
                .formatted(tuple.items().get(i).kind()));
      }
      numbers[i] = number.value();
    }
    return numbers;
  }

  /** Of ("storage", type, key, location, count[, None or (key, offset, count) of a part]). */
  private Storage storage(PickleValue id) {
    List<PickleValue> items = id instanceof Tuple tuple ? tuple.items() : List.of();
    if (!items.isEmpty() && new Text("module").equals(items.getFirst())) {
      throw refused("its pickle holds the code of a module; save its state_dict() instead");
    }
    if (items.size() < 5
        || items.size() > 6
        || !(items.get(0) instanceof Text tag && tag.value().equals("storage"))
        || !(items.get(1) instanceof StorageType type)
        || !(items.get(2) instanceof Text key)
        || !(items.get(4) instanceof Int count)) {
      throw invalid("its pickle refers to something else than a storage of numbers");
    }
    long first = 0;
    long length = count.value();
    if (items.size() == 6 && items.get(5) != None.NONE) {
      List<PickleValue> part = items.get(5) instanceof Tuple tuple ? tuple.items() : List.of();
      if (part.size() != 3
          || !(part.get(1) instanceof Int begin)
          || !(part.get(2) instanceof Int size)) {
        throw invalid("its pickle refers to a part of a storage in an unknown way");
      }
      first = begin.value();
      length = size.value();
    }
    if (count.value() < 0 || first < 0 || length < 0 || length > count.value() - first) {
      throw invalid(
          "its pickle refers to elements %d to %d + %d of a storage that has %d"
              .formatted(first, first, length, count.value()));
    }
    Storage storage = new Storage(type, key.value(), count.value(), first, length);
    Storage other = storages.putIfAbsent(key.value(), storage);
    if (other != null && (!other.type().equals(type) || other.count() != count.value())) {
      throw invalid(
          "its pickle refers to storage %s as %d of %s and as %d of %s"
              .formatted(
                  Messages.quote(key.value()),
                  other.count(),
                  other.type().dtype().name(),
                  count.value(),
                  type.dtype().name()));
    }
    return storage;
  }

  // Bytes.

  private int unsignedByte() {
    requireBytes(1);
    return bytes.get(ValueLayout.JAVA_BYTE, position++) & 0xff;
  }

  private void requireBytes(long count) {
    if (count < 0 || count > bytes.byteSize() - position) {
      throw invalid("its pickle is truncated");
    }
  }

  private long littleEndian(int count) {
    requireBytes(count);
    long value = 0;
    for (int i = 0; i < count; i++) {
      value |= (bytes.get(ValueLayout.JAVA_BYTE, position++) & 0xffL) << (8 * i);
    }
    return value;
  }

  private PickleValue integer(long length) {
    if (length > MAX_INT_BYTES) {
      throw invalid("its pickle has an int of %d bytes".formatted(length));
    }
    requireBytes(length);
    byte[] bigEndian = new byte[(int) length];
    for (int i = bigEndian.length - 1; i >= 0; i--) {
      bigEndian[i] = bytes.get(ValueLayout.JAVA_BYTE, position++);
    }
    BigInteger value = bigEndian.length == 0 ? BigInteger.ZERO : new BigInteger(bigEndian);
    return value.bitLength() < Long.SIZE ? new Int(value.longValue()) : new LongInt(value);
  }

  private String text(long length) {
    requireBytes(length);
    if (length > Integer.MAX_VALUE - 8) {
      throw invalid("its pickle has a str of %d bytes".formatted(length));
    }
    ByteBuffer slice =
        bytes.asSlice(position, length).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    position += length;
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(slice).toString();
    } catch (CharacterCodingException e) {
      throw new CheckpointException(
          TorchFile.message(source, "its pickle has a str that is not UTF-8"), e);
    }
  }

  /** Up to a line feed. */
  private String line() {
    long end = position;
    while (end < bytes.byteSize() && bytes.get(ValueLayout.JAVA_BYTE, end) != '\n') {
      if (end - position == MAX_NAME_BYTES) {
        throw invalid("its pickle looks up a name of more than %d bytes".formatted(MAX_NAME_BYTES));
      }
      end++;
    }
    String line = text(end - position);
    requireBytes(1);
    position++;
    return line;
  }

  private CheckpointException invalid(String problem) {
    return TorchFile.invalid(source, problem);
  }

  private CheckpointException refused(String problem) {
    return TorchFile.refused(source, problem);
  }
}
