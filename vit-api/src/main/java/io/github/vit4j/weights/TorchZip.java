package io.github.vit4j.weights;

import io.github.vit4j.error.CheckpointException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The directory of the zip archive that {@code torch.save} writes, of stored entries only, checked
 * before anything is taken from it: every entry lies inside the file, before the directory, and
 * apart from all others; names are unique and the directory agrees with the headers in front of the
 * entries. Source: PKWARE's APPNOTE.TXT 6.3, sections 4.3.7, 4.3.12 and 4.3.14 to 4.3.16; names as
 * in {@code caffe2/serialize/inline_container.cc}.
 */
final class TorchZip implements TorchFile.Blocks {
  private static final int LOCAL_HEADER = 0x04034b50;
  private static final int DIRECTORY_ENTRY = 0x02014b50;
  private static final int DIRECTORY_END = 0x06054b50;
  private static final int DIRECTORY_END_64 = 0x06064b50;
  private static final int DIRECTORY_END_64_LOCATOR = 0x07064b50;

  private static final int LOCAL_HEADER_BYTES = 30;
  private static final int DIRECTORY_ENTRY_BYTES = 46;
  private static final int DIRECTORY_END_BYTES = 22;
  private static final int DIRECTORY_END_64_BYTES = 56;
  private static final int LOCATOR_BYTES = 20;
  private static final int MAX_COMMENT_BYTES = 0xffff;

  private static final int ZIP64_FIELD = 1;
  private static final int ENCRYPTED = 1;
  private static final int SIZES_FOLLOW_DATA = 1 << 3;

  private static final long NOT_16_BITS = 0xffffL;
  private static final long NOT_32_BITS = 0xffffffffL;

  /** More tensors than 10000 layers have. */
  private static final int MAX_ENTRIES = 200_000;

  private static final String PICKLE = "/data.pkl";
  private static final String STORAGES = "/data/";

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MappedFile file;
  private final MemorySegment bytes;
  private final Map<String, TorchFile.Block> entries = new HashMap<>();
  private String prefix = "";

  private TorchZip(MappedFile file) {
    this.file = file;
    this.bytes = file.bytes();
  }

  static boolean isZip(MappedFile file) {
    return file.byteAt(0) == 'P' && file.byteAt(1) == 'K';
  }

  /**
   * Reads the directory.
   *
   * @throws CheckpointException if it is not that of a checkpoint
   */
  static TorchZip read(MappedFile file) {
    TorchZip zip = new TorchZip(file);
    zip.readDirectory();
    zip.findPickle();
    return zip;
  }

  /** Where the pickle lies. */
  TorchFile.Block pickle() {
    return entry(prefix + PICKLE);
  }

  @Override
  public TorchFile.Block find(PickleValue.Storage storage) {
    TorchFile.Block block = entry(prefix + STORAGES + storage.key());
    int elementBytes = storage.type().dtype().byteSize();
    if (block.length() % elementBytes != 0 || block.length() / elementBytes != storage.count()) {
      throw invalid(
          "its storage %s has %d bytes, but its pickle says %d elements of %d bytes"
              .formatted(
                  Messages.quote(storage.key()), block.length(), storage.count(), elementBytes));
    }
    return block;
  }

  private TorchFile.Block entry(String name) {
    TorchFile.Block block = entries.get(name);
    if (block == null) {
      throw invalid("its archive lacks the entry " + Messages.quote(name));
    }
    return block;
  }

  /** The archive's files lie in one folder, whose name is free. */
  private void findPickle() {
    List<String> pickles =
        entries.keySet().stream()
            .filter(name -> name.endsWith(PICKLE))
            .filter(name -> name.indexOf('/') == name.length() - PICKLE.length())
            .toList();
    if (pickles.size() != 1) {
      throw invalid(
          "its archive has %d entries NAME/data.pkl, expected 1; it was not written by torch.save"
              .formatted(pickles.size()));
    }
    String name = pickles.getFirst();
    prefix = name.substring(0, name.length() - PICKLE.length());
    if (entries.containsKey(prefix + "/constants.pkl")) {
      throw TorchFile.refused(
          file.source(), "it is a TorchScript module, which holds code, and not a state dict");
    }
    TorchFile.Block order = entries.get(prefix + "/byteorder");
    if (order != null && order.length() == 3) { // "big"; the other one is "little"
      throw invalid("its numbers are big-endian; save it again on a little-endian machine");
    }
  }

  /** What the end of the archive says of its directory. */
  private record Directory(long offset, long size, long count) {}

  private Directory directory() {
    long end = findEnd();
    long count = unsignedShort(end + 10);
    long size = unsignedInt(end + 12);
    long offset = unsignedInt(end + 16);
    if (unsignedShort(end + 4) > 0 && unsignedShort(end + 4) != NOT_16_BITS) {
      throw invalid("its archive is a part of several");
    }
    long directoryEnd = end;
    long locator = end - LOCATOR_BYTES;
    if (locator >= 0 && int32(locator) == DIRECTORY_END_64_LOCATOR) {
      long end64 = bytes.get(LONG, locator + 8);
      if (end64 < 0
          || end64 > locator - DIRECTORY_END_64_BYTES
          || int32(end64) != DIRECTORY_END_64
          || bytes.get(LONG, end64 + 4) != locator - end64 - 12) {
        throw invalid("the zip64 end of its archive is not where it says");
      }
      count = agreeing(count, NOT_16_BITS, bytes.get(LONG, end64 + 32));
      size = agreeing(size, NOT_32_BITS, bytes.get(LONG, end64 + 40));
      offset = agreeing(offset, NOT_32_BITS, bytes.get(LONG, end64 + 48));
      directoryEnd = end64;
    }
    if (offset < 0 || size < 0 || offset > directoryEnd || size != directoryEnd - offset) {
      throw invalid(
          "its archive's directory is said to take %d bytes from %d, but it ends at %d"
              .formatted(size, offset, directoryEnd));
    }
    if (count < 0 || count > MAX_ENTRIES || count > size / DIRECTORY_ENTRY_BYTES) {
      throw invalid(
          "its archive says %d entries in a directory of %d bytes".formatted(count, size));
    }
    return new Directory(offset, size, count);
  }

  private long findEnd() {
    long last = bytes.byteSize() - DIRECTORY_END_BYTES;
    for (long at = last; at >= Math.max(0, last - MAX_COMMENT_BYTES); at--) {
      if (int32(at) == DIRECTORY_END && unsignedShort(at + 20) == last - at) {
        return at;
      }
    }
    throw invalid("its archive has no end; it is truncated, fetch it again");
  }

  /** The 64-bit value of a field; the short one says the same or that it does not fit. */
  private long agreeing(long small, long doesNotFit, long value) {
    if (small != doesNotFit && small != value) {
      throw invalid("its archive says %d and %d of the same thing".formatted(small, value));
    }
    return value;
  }

  /** The bytes from an entry's header to the end of its data. */
  private record Extent(String name, long begin, long end) {}

  private void readDirectory() {
    Directory directory = directory();
    Extent[] extents = new Extent[(int) directory.count];
    long end = directory.offset + directory.size;
    long at = directory.offset;
    for (int i = 0; i < extents.length; i++) {
      if (end - at < DIRECTORY_ENTRY_BYTES || int32(at) != DIRECTORY_ENTRY) {
        throw invalid("its archive's directory has fewer entries than it says");
      }
      long next =
          at
              + DIRECTORY_ENTRY_BYTES
              + unsignedShort(at + 28)
              + unsignedShort(at + 30)
              + unsignedShort(at + 32);
      if (next > end) {
        throw invalid("an entry leads out of its archive's directory");
      }
      extents[i] = readEntry(at, directory.offset);
      at = next;
    }
    if (at != end) {
      throw invalid("its archive's directory has more entries than it says");
    }
    Arrays.sort(extents, Comparator.comparingLong(Extent::begin));
    for (int i = 1; i < extents.length; i++) {
      if (extents[i].begin < extents[i - 1].end) {
        throw invalid(
            "the entries %s and %s of its archive overlap"
                .formatted(Messages.quote(extents[i - 1].name), Messages.quote(extents[i].name)));
      }
    }
  }

  private Extent readEntry(long at, long dataEnd) {
    int nameLength = unsignedShort(at + 28);
    String name = name(at + DIRECTORY_ENTRY_BYTES, nameLength);
    String entry = "the entry %s of its archive".formatted(Messages.quote(name));
    if (name.startsWith("/") || name.indexOf('\\') >= 0 || ("/" + name + "/").contains("/../")) {
      throw invalid(entry + " has a name that leads elsewhere");
    }
    int flags = unsignedShort(at + 8);
    if ((flags & ENCRYPTED) != 0) {
      throw invalid(entry + " is encrypted");
    }
    int method = unsignedShort(at + 10);
    if (method != 0) {
      throw invalid(
          "%s is compressed (method %d), which torch.save never does; unpack the archive and pack it again without compression"
              .formatted(entry, method));
    }
    long[] wide = {unsignedInt(at + 24), unsignedInt(at + 20), unsignedInt(at + 42)};
    readZip64(entry, at + DIRECTORY_ENTRY_BYTES + nameLength, unsignedShort(at + 30), wide);
    long size = wide[0];
    long header = wide[2];
    if (wide[1] != size) {
      throw invalid(
          "%s is not compressed, but has %d bytes for %d".formatted(entry, wide[1], size));
    }
    if (header < 0 || header > dataEnd - LOCAL_HEADER_BYTES || int32(header) != LOCAL_HEADER) {
      throw invalid(entry + " is not where its archive's directory says");
    }
    int localNameLength = unsignedShort(header + 26);
    long data = header + LOCAL_HEADER_BYTES + localNameLength + unsignedShort(header + 28);
    if (size < 0 || data > dataEnd || size > dataEnd - data) {
      throw invalid(
          "%s has %d bytes from %d, beyond the data's end at %d"
              .formatted(entry, size, data, dataEnd));
    }
    boolean sameName =
        localNameLength == nameLength
            && MemorySegment.mismatch(
                    bytes,
                    header + LOCAL_HEADER_BYTES,
                    header + LOCAL_HEADER_BYTES + nameLength,
                    bytes,
                    at + DIRECTORY_ENTRY_BYTES,
                    at + DIRECTORY_ENTRY_BYTES + nameLength)
                < 0;
    if (!sameName || unsignedShort(header + 8) != 0) {
      throw invalid(entry + " has a header of its own that says something else");
    }
    long localSize = unsignedInt(header + 22);
    boolean sizeIsLocal = (unsignedShort(header + 6) & SIZES_FOLLOW_DATA) == 0;
    if (sizeIsLocal && localSize != NOT_32_BITS && localSize != size) {
      throw invalid(
          "%s has %d bytes by its own header and %d by the directory"
              .formatted(entry, localSize, size));
    }
    // Zero is what torch writes when it is told not to compute checksums (set_crc32_options).
    long crc32 = unsignedInt(at + 16) == 0 ? -1 : unsignedInt(at + 16);
    TorchFile.Block block = new TorchFile.Block(data, size, crc32);
    if (entries.put(name, block) != null) {
      throw invalid(entry + " is there twice");
    }
    return new Extent(name, header, data + size);
  }

  /** Replaces those values that do not fit into 32 bits. */
  private void readZip64(String entry, long at, int length, long[] values) {
    boolean fits = Arrays.stream(values).noneMatch(value -> value == NOT_32_BITS);
    if (fits) {
      return;
    }
    long end = at + length;
    while (end - at >= 4) {
      int id = unsignedShort(at);
      long fieldEnd = at + 4 + unsignedShort(at + 2);
      if (fieldEnd > end) {
        break;
      }
      if (id == ZIP64_FIELD) {
        long field = at + 4;
        for (int i = 0; i < values.length; i++) {
          if (values[i] == NOT_32_BITS) {
            if (fieldEnd - field < Long.BYTES) {
              throw invalid(entry + " lacks its 64-bit sizes");
            }
            values[i] = bytes.get(LONG, field);
            field += Long.BYTES;
          }
        }
        return;
      }
      at = fieldEnd;
    }
    throw invalid(entry + " lacks its 64-bit sizes");
  }

  private String name(long at, int length) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(bytes.asSlice(at, length).asByteBuffer())
          .toString();
    } catch (CharacterCodingException e) {
      throw new CheckpointException(
          TorchFile.message(file.source(), "its archive has a name that is not UTF-8"), e);
    }
  }

  private int int32(long at) {
    return bytes.get(INT, at);
  }

  private long unsignedInt(long at) {
    return Integer.toUnsignedLong(int32(at));
  }

  private int unsignedShort(long at) {
    return Short.toUnsignedInt(bytes.get(SHORT, at));
  }

  private CheckpointException invalid(String problem) {
    return TorchFile.invalid(file.source(), problem);
  }
}
