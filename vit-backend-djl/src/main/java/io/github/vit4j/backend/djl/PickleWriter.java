package io.github.vit4j.backend.djl;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes the few opcodes of Python's pickle, protocol 2, that a TorchScript archive needs. */
final class PickleWriter {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  PickleWriter() {
    bytes.write(0x80); // PROTO
    bytes.write(2);
  }

  /** A class or function. */
  PickleWriter global(String module, String name) {
    bytes.write('c');
    bytes.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
    return this;
  }

  PickleWriter string(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    bytes.write('X'); // BINUNICODE
    int32(utf8.length);
    bytes.writeBytes(utf8);
    return this;
  }

  PickleWriter integer(long value) {
    if (value == (int) value) {
      bytes.write('J'); // BININT
      int32((int) value);
    } else {
      bytes.write(0x8a); // LONG1
      bytes.write(Long.BYTES);
      for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
        bytes.write((int) (value >>> shift));
      }
    }
    return this;
  }

  private void int32(int value) {
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      bytes.write(value >>> shift);
    }
  }

  PickleWriter no() {
    bytes.write(0x89); // NEWFALSE
    return this;
  }

  PickleWriter mark() {
    bytes.write('(');
    return this;
  }

  /** Everything since the mark. */
  PickleWriter tuple() {
    bytes.write('t');
    return this;
  }

  PickleWriter emptyTuple() {
    bytes.write(')');
    return this;
  }

  PickleWriter emptyList() {
    bytes.write(']');
    return this;
  }

  PickleWriter emptyDictionary() {
    bytes.write('}');
    return this;
  }

  /** The last value as a tuple of one. */
  PickleWriter tupleOfOne() {
    bytes.write(0x85); // TUPLE1
    return this;
  }

  /** Calls the function below the tuple of arguments. */
  PickleWriter call() {
    bytes.write('R'); // REDUCE
    return this;
  }

  /** An instance of the class below the tuple of arguments. */
  PickleWriter newInstance() {
    bytes.write(0x81); // NEWOBJ
    return this;
  }

  /** Puts keys and values since the mark into the dictionary below it. */
  PickleWriter setItems() {
    bytes.write('u');
    return this;
  }

  /** Gives the instance its state. */
  PickleWriter build() {
    bytes.write('b');
    return this;
  }

  /** The storage that the tuple names. */
  PickleWriter persistentId() {
    bytes.write('Q'); // BINPERSID
    return this;
  }

  byte[] toBytes() {
    bytes.write('.'); // STOP
    return bytes.toByteArray();
  }
}
