package io.github.vit4j.conformance;

import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.stream.LongStream;

/**
 * Numbers that depend on nothing but a seed, a name and a position; {@code reference/seeded.py}
 * gives the same.
 *
 * <p>SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014)
 * used as a counter-based hash, so that numbers can be drawn in any order and in parallel: the
 * stream of a name starts at mix(seed ^ FNV-1a(name)), and number i of it is mix(start + (i + 1) *
 * 0x9e3779b97f4a7c15). The top 24 bits k of that give (k - 2^23) * 2^-23, uniform in [-1, 1) and
 * exact in float32.
 */
final class SeededNumbers {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /** Numbers that one thread draws before it asks for more. */
  private static final long CHUNK = 1 << 18;

  private final long start;

  /** The stream of {@code name}. */
  SeededNumbers(long seed, String name) {
    this.start = mix(seed ^ fnv1a(name));
  }

  /** 64 bits of the FNV-1a hash of the UTF-8 bytes. */
  private static long fnv1a(String text) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ Byte.toUnsignedLong(b)) * 0x100000001b3L;
    }
    return hash;
  }

  /** The finalizer of SplitMix64. */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  /** 64 random bits. */
  long bits(long index) {
    return mix(start + (index + 1) * GOLDEN);
  }

  /** Uniform in [-1, 1), a multiple of 2^-23. */
  double uniform(long index) {
    return ((bits(index) >>> 40) - (1L << 23)) * 0x1p-23;
  }

  /**
   * Writes {@code offset + factor * uniform(i)}, rounded to float32, on all cores.
   *
   * @param floats as many floats as are wanted
   */
  void fill(MemorySegment floats, double factor, double offset) {
    long count = floats.byteSize() / Float.BYTES;
    LongStream.range(0, (count + CHUNK - 1) / CHUNK)
        .parallel()
        .forEach(
            chunk -> {
              long end = Math.min(count, (chunk + 1) * CHUNK);
              for (long i = chunk * CHUNK; i < end; i++) {
                floats.set(FLOAT, i * Float.BYTES, (float) (offset + factor * uniform(i)));
              }
            });
  }

  /** A float32 tensor of the first numbers of the stream. */
  Tensor tensor(long... shape) {
    Tensor tensor = Tensor.allocate(ElementType.FLOAT32, shape);
    fill(tensor.data(), 1, 0);
    return tensor;
  }
}
