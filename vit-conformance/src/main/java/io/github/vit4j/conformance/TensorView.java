package io.github.vit4j.conformance;

import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** Which numbers of a tensor are looked at. */
public sealed interface TensorView {
  /**
   * {@return the numbers, in a tensor of float64 unless it is all of them}
   *
   * @param tensor whose numbers are looked at, of any element type
   */
  Tensor of(Tensor tensor);

  /** All of them. */
  record Whole() implements TensorView {
    @Override
    public Tensor of(Tensor tensor) {
      return tensor;
    }

    /** {@code whole}. */
    @Override
    public String toString() {
      return "whole";
    }
  }

  /**
   * A block of them: what it shows can be read.
   *
   * @param begin the first index, one a dimension
   * @param length how many from there on, one a dimension
   */
  record Slice(List<Long> begin, List<Long> length) implements TensorView {
    /** Copies the lists. */
    public Slice {
      begin = List.copyOf(begin);
      length = List.copyOf(length);
      if (begin.size() != length.size()) {
        throw new IllegalArgumentException(begin + " and " + length + " have different ranks");
      }
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if the tensor has no such block
     */
    @Override
    public Tensor of(Tensor tensor) {
      long[] shape = tensor.shape();
      long[] lengths = length.stream().mapToLong(Long::longValue).toArray();
      boolean inside = shape.length == lengths.length;
      for (int axis = 0; inside && axis < shape.length; axis++) {
        inside = begin.get(axis) >= 0 && begin.get(axis) + lengths[axis] <= shape[axis];
      }
      if (!inside) {
        throw new IllegalArgumentException(tensor + " has no block " + this);
      }
      Tensor result = Tensor.allocate(ElementType.FLOAT64, lengths);
      for (long i = 0; i < result.elementCount(); i++) {
        long source = 0;
        long rest = i;
        long stride = 1;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
          source += (begin.get(axis) + rest % lengths[axis]) * stride;
          rest /= lengths[axis];
          stride *= shape[axis];
        }
        set(result, i, tensor.getDouble(source));
      }
      return result;
    }

    /** For example {@code slice [0, 0, 0] + [1, 4, 32]}. */
    @Override
    public String toString() {
      return "slice " + begin + " + " + length;
    }
  }

  /**
   * Sums over all numbers with random signs, each divided by the root of how many numbers there
   * are: a few numbers in which an error anywhere shows. It is the sketch of Alon, Matias and
   * Szegedy (The space complexity of approximating the frequency moments, STOC 1996), a
   * Johnson-Lindenstrauss projection with signs (Achlioptas, Database-friendly random projections,
   * PODS 2001): the mean square of the projections of a difference is in expectation the
   * difference's own mean square, wherever in the tensor it lies.
   *
   * <p>Sign k of element i (row-major) is bit 63 - k of number i of the stream {@code sketch} of
   * {@code reference/seeded.py}: 1 is +, 0 is -. Sums are in float64.
   *
   * @param seed of the signs
   * @param count how many sums, 1 to 64
   */
  record Projections(long seed, int count) implements TensorView {
    /** Checks the count. */
    public Projections {
      if (count < 1 || count > Long.SIZE) {
        throw new IllegalArgumentException("1 to 64 projections, not " + count);
      }
    }

    @Override
    public Tensor of(Tensor tensor) {
      SeededNumbers signs = new SeededNumbers(seed, "sketch");
      double[] sums = new double[count];
      for (long i = 0; i < tensor.elementCount(); i++) {
        double x = tensor.getDouble(i);
        long bits = signs.bits(i);
        for (int k = 0; k < count; k++) {
          sums[k] += (bits >>> (63 - k) & 1) == 1 ? x : -x;
        }
      }
      double root = Math.sqrt((double) tensor.elementCount());
      for (int k = 0; k < count; k++) {
        sums[k] /= root;
      }
      return Tensor.of(sums, count);
    }

    /** For example {@code 16 projections}. */
    @Override
    public String toString() {
      return count + " projections";
    }
  }

  private static void set(Tensor tensor, long index, double value) {
    tensor.data().set(ValueLayout.JAVA_DOUBLE_UNALIGNED, index * Double.BYTES, value);
  }
}
