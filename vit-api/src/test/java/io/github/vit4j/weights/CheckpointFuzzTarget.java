package io.github.vit4j.weights;

import io.github.vit4j.Fuzzing;
import io.github.vit4j.error.CheckpointException;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * What Jazzer calls with bytes of its making: {@link Checkpoint} gives tensors that lie inside the
 * file or a {@link CheckpointException} of one line, in little time and memory. Hangs and crashes
 * of the process are watched by libFuzzer.
 *
 * <p>Which reader gets the bytes is the system property {@code vit4j.fuzz.format}: {@code file}
 * takes them as they are, {@code pickle} puts them as the pickle into an archive whose checksums
 * are right, {@code safetensors} as the header before 64 bytes of data.
 */
public final class CheckpointFuzzTarget {
  /** What the steps that a pickle may take need at most. */
  private static final long MAX_ALLOCATED_BYTES = 160L << 20;

  private static final String FORMAT = System.getProperty("vit4j.fuzz.format", "file");

  private CheckpointFuzzTarget() {}

  /** The name and the signature that Jazzer looks for. */
  public static void fuzzerTestOneInput(byte[] input) {
    byte[] file =
        switch (FORMAT) {
          case "file" -> input;
          case "pickle" -> archive(input);
          case "safetensors" -> Hostile.withLength(input.length, input, 64);
          default -> throw new IllegalStateException(FORMAT);
        };
    Fuzzing.requireModest(MAX_ALLOCATED_BYTES, file.length + " bytes", () -> read(file));
  }

  private static void read(byte[] file) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(Math.max(file.length, 1), 64).asSlice(0, file.length);
      MemorySegment.copy(MemorySegment.ofArray(file), 0, bytes, 0, file.length);
      Checkpoint checkpoint = Checkpoint.open("fuzz.bin", bytes);
      for (String name : checkpoint.names()) {
        Weight weight = checkpoint.get(name);
        if (weight != null && weight.tensor().elementCount() > 0) {
          // The first and the last byte can be read.
          MemorySegment data = weight.tensor().data();
          data.asSlice(0, 1).mismatch(data.asSlice(data.byteSize() - 1));
        }
      }
    } catch (CheckpointException e) {
      String message = String.valueOf(e.getMessage());
      if (!message.startsWith("fuzz.bin") || message.lines().count() != 1) {
        throw new AssertionError("not a clear line: " + message, e);
      }
    }
  }

  /** An archive of a pickle and a storage of 64 bytes. */
  static byte[] archive(byte[] pickle) {
    String[] names = {"a/data.pkl", "a/data/0"};
    byte[][] contents = {pickle, new byte[64]};
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream directory = new ByteArrayOutputStream();
    for (int i = 0; i < names.length; i++) {
      byte[] name = names[i].getBytes(StandardCharsets.US_ASCII);
      CRC32 crc = new CRC32();
      crc.update(contents[i]);
      int offset = out.size();
      number(out, 4, 0x04034b50);
      number(out, 10, 0);
      number(directory, 4, 0x02014b50);
      number(directory, 12, 0);
      for (ByteArrayOutputStream target : new ByteArrayOutputStream[] {out, directory}) {
        number(target, 4, crc.getValue());
        number(target, 4, contents[i].length);
        number(target, 4, contents[i].length);
        number(target, 2, name.length);
      }
      number(out, 2, 0);
      out.writeBytes(name);
      out.writeBytes(contents[i]);
      number(directory, 12, 0);
      number(directory, 4, offset);
      directory.writeBytes(name);
    }
    int offset = out.size();
    out.writeBytes(directory.toByteArray());
    number(out, 4, 0x06054b50);
    number(out, 4, 0);
    number(out, 2, names.length);
    number(out, 2, names.length);
    number(out, 4, directory.size());
    number(out, 4, offset);
    number(out, 2, 0);
    return out.toByteArray();
  }

  private static void number(ByteArrayOutputStream out, int bytes, long value) {
    for (int i = 0; i < bytes; i++) {
      out.write(i < Long.BYTES ? (int) (value >>> (8 * i)) : 0);
    }
  }
}
