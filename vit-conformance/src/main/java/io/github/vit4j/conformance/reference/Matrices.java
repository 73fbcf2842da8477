package io.github.vit4j.conformance.reference;

import io.github.vit4j.tensor.Tensor;
import java.util.Arrays;

/** Matrices as {@code double[row][column]}. */
final class Matrices {
  private Matrices() {}

  /** The entries of a tensor's first dimension, each as one row. */
  static double[][] rows(Tensor tensor) {
    double[][] rows = new double[Math.toIntExact(tensor.dimension(0))][];
    Arrays.setAll(rows, row -> tensor.slice(row).toDoubleArray());
    return rows;
  }

  static double[][] product(double[][] left, double[][] right) {
    double[][] result = new double[left.length][right[0].length];
    addProduct(left, right, result);
    return result;
  }

  /**
   * Adds the product of {@code left} and {@code right} to {@code result}: multiples of rows, which
   * the JIT compiler turns into vector instructions, unlike sums of products.
   */
  static void addProduct(double[][] left, double[][] right, double[][] result) {
    for (int k = 0; k < right.length; k++) {
      for (int row = 0; row < left.length; row++) {
        addMultiple(left[row][k], right[k], result[row]);
      }
    }
  }

  private static void addMultiple(double factor, double[] x, double[] result) {
    for (int i = 0; i < result.length; i++) {
      result[i] += factor * x[i];
    }
  }

  static double[][] sum(double[][] x, double[][] y) {
    double[][] result = new double[x.length][x[0].length];
    for (int row = 0; row < x.length; row++) {
      for (int column = 0; column < x[row].length; column++) {
        result[row][column] = x[row][column] + y[row][column];
      }
    }
    return result;
  }

  static double[][] transposed(double[][] x) {
    double[][] result = new double[x[0].length][x.length];
    for (int row = 0; row < x.length; row++) {
      for (int column = 0; column < x[row].length; column++) {
        result[column][row] = x[row][column];
      }
    }
    return result;
  }

  /** Columns {@code from} to {@code to - 1}. */
  static double[][] columns(double[][] x, int from, int to) {
    return Arrays.stream(x).map(row -> Arrays.copyOfRange(row, from, to)).toArray(double[][]::new);
  }

  /** Softmax of {@code scale} times each column; the largest is subtracted against overflow. */
  static void softmax(double[][] scores, double scale) {
    for (int column = 0; column < scores[0].length; column++) {
      double largest = Double.NEGATIVE_INFINITY;
      for (double[] row : scores) {
        largest = Math.max(largest, row[column]);
      }
      double sum = 0;
      for (double[] row : scores) {
        row[column] = Math.exp((row[column] - largest) * scale);
        sum += row[column];
      }
      for (double[] row : scores) {
        row[column] /= sum;
      }
    }
  }
}
