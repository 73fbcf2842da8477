package io.github.vit4j.backend.tornado;

import io.github.vit4j.backend.tornado.kernels.Layout;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The product of four rows with a panel, in vector registers. */
final class VectorProduct {
  private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
  private static final int LANES = SPECIES.length();

  /** Processors with vectors this wide have 32 registers of them, others 16. */
  private static final int LANES_OF_MANY_REGISTERS = 16;

  private VectorProduct() {}

  /**
   * Inputs whose products are summed before the sum is added to the others': one long sum would
   * lose more digits of what is added last than PyTorch's do.
   */
  private static final int CHUNK = 128;

  /** {@link Arithmetic#product}. */
  static void product(
      float[] x, int xStart, int xStride, float[] panels, int panelStart, int inner, float[] tile) {
    Arrays.fill(tile, 0, Arithmetic.TILE, 0f);
    for (int first = 0; first < inner; first += CHUNK) {
      int count = Math.min(CHUNK, inner - first);
      int panel = panelStart + first * Layout.PANEL;
      if (LANES >= LANES_OF_MANY_REGISTERS) {
        addFourVectors(x, xStart + first, xStride, panels, panel, count, tile);
      } else {
        addTwoVectors(x, xStart + first, xStride, panels, panel, count, tile);
      }
    }
  }

  /** Sixteen sums at a time, which need 21 registers. */
  private static void addFourVectors(
      float[] x, int xStart, int xStride, float[] panels, int panelStart, int inner, float[] tile) {
    int x1 = xStart + xStride;
    int x2 = x1 + xStride;
    int x3 = x2 + xStride;
    for (int column = 0; column < Layout.PANEL; column += 4 * LANES) {
      FloatVector s00 = FloatVector.zero(SPECIES);
      FloatVector s01 = FloatVector.zero(SPECIES);
      FloatVector s02 = FloatVector.zero(SPECIES);
      FloatVector s03 = FloatVector.zero(SPECIES);
      FloatVector s10 = FloatVector.zero(SPECIES);
      FloatVector s11 = FloatVector.zero(SPECIES);
      FloatVector s12 = FloatVector.zero(SPECIES);
      FloatVector s13 = FloatVector.zero(SPECIES);
      FloatVector s20 = FloatVector.zero(SPECIES);
      FloatVector s21 = FloatVector.zero(SPECIES);
      FloatVector s22 = FloatVector.zero(SPECIES);
      FloatVector s23 = FloatVector.zero(SPECIES);
      FloatVector s30 = FloatVector.zero(SPECIES);
      FloatVector s31 = FloatVector.zero(SPECIES);
      FloatVector s32 = FloatVector.zero(SPECIES);
      FloatVector s33 = FloatVector.zero(SPECIES);
      int w = panelStart + column;
      for (int i = 0; i < inner; i++) {
        FloatVector w0 = FloatVector.fromArray(SPECIES, panels, w);
        FloatVector w1 = FloatVector.fromArray(SPECIES, panels, w + LANES);
        FloatVector w2 = FloatVector.fromArray(SPECIES, panels, w + 2 * LANES);
        FloatVector w3 = FloatVector.fromArray(SPECIES, panels, w + 3 * LANES);
        FloatVector a = FloatVector.broadcast(SPECIES, x[xStart + i]);
        s00 = a.fma(w0, s00);
        s01 = a.fma(w1, s01);
        s02 = a.fma(w2, s02);
        s03 = a.fma(w3, s03);
        a = FloatVector.broadcast(SPECIES, x[x1 + i]);
        s10 = a.fma(w0, s10);
        s11 = a.fma(w1, s11);
        s12 = a.fma(w2, s12);
        s13 = a.fma(w3, s13);
        a = FloatVector.broadcast(SPECIES, x[x2 + i]);
        s20 = a.fma(w0, s20);
        s21 = a.fma(w1, s21);
        s22 = a.fma(w2, s22);
        s23 = a.fma(w3, s23);
        a = FloatVector.broadcast(SPECIES, x[x3 + i]);
        s30 = a.fma(w0, s30);
        s31 = a.fma(w1, s31);
        s32 = a.fma(w2, s32);
        s33 = a.fma(w3, s33);
        w += Layout.PANEL;
      }
      s00.add(FloatVector.fromArray(SPECIES, tile, column)).intoArray(tile, column);
      s01.add(FloatVector.fromArray(SPECIES, tile, column + LANES)).intoArray(tile, column + LANES);
      s02.add(FloatVector.fromArray(SPECIES, tile, column + 2 * LANES))
          .intoArray(tile, column + 2 * LANES);
      s03.add(FloatVector.fromArray(SPECIES, tile, column + 3 * LANES))
          .intoArray(tile, column + 3 * LANES);
      s10.add(FloatVector.fromArray(SPECIES, tile, Layout.PANEL + column))
          .intoArray(tile, Layout.PANEL + column);
      s11.add(FloatVector.fromArray(SPECIES, tile, Layout.PANEL + column + LANES))
          .intoArray(tile, Layout.PANEL + column + LANES);
      s12.add(FloatVector.fromArray(SPECIES, tile, Layout.PANEL + column + 2 * LANES))
          .intoArray(tile, Layout.PANEL + column + 2 * LANES);
      s13.add(FloatVector.fromArray(SPECIES, tile, Layout.PANEL + column + 3 * LANES))
          .intoArray(tile, Layout.PANEL + column + 3 * LANES);
      s20.add(FloatVector.fromArray(SPECIES, tile, 2 * Layout.PANEL + column))
          .intoArray(tile, 2 * Layout.PANEL + column);
      s21.add(FloatVector.fromArray(SPECIES, tile, 2 * Layout.PANEL + column + LANES))
          .intoArray(tile, 2 * Layout.PANEL + column + LANES);
      s22.add(FloatVector.fromArray(SPECIES, tile, 2 * Layout.PANEL + column + 2 * LANES))
          .intoArray(tile, 2 * Layout.PANEL + column + 2 * LANES);
      s23.add(FloatVector.fromArray(SPECIES, tile, 2 * Layout.PANEL + column + 3 * LANES))
          .intoArray(tile, 2 * Layout.PANEL + column + 3 * LANES);
      s30.add(FloatVector.fromArray(SPECIES, tile, 3 * Layout.PANEL + column))
          .intoArray(tile, 3 * Layout.PANEL + column);
      s31.add(FloatVector.fromArray(SPECIES, tile, 3 * Layout.PANEL + column + LANES))
          .intoArray(tile, 3 * Layout.PANEL + column + LANES);
      s32.add(FloatVector.fromArray(SPECIES, tile, 3 * Layout.PANEL + column + 2 * LANES))
          .intoArray(tile, 3 * Layout.PANEL + column + 2 * LANES);
      s33.add(FloatVector.fromArray(SPECIES, tile, 3 * Layout.PANEL + column + 3 * LANES))
          .intoArray(tile, 3 * Layout.PANEL + column + 3 * LANES);
    }
  }

  /** Eight sums at a time, which need 11 registers. */
  private static void addTwoVectors(
      float[] x, int xStart, int xStride, float[] panels, int panelStart, int inner, float[] tile) {
    int x1 = xStart + xStride;
    int x2 = x1 + xStride;
    int x3 = x2 + xStride;
    for (int column = 0; column < Layout.PANEL; column += 2 * LANES) {
      FloatVector s00 = FloatVector.zero(SPECIES);
      FloatVector s01 = FloatVector.zero(SPECIES);
      FloatVector s10 = FloatVector.zero(SPECIES);
      FloatVector s11 = FloatVector.zero(SPECIES);
      FloatVector s20 = FloatVector.zero(SPECIES);
      FloatVector s21 = FloatVector.zero(SPECIES);
      FloatVector s30 = FloatVector.zero(SPECIES);
      FloatVector s31 = FloatVector.zero(SPECIES);
      int w = panelStart + column;
      for (int i = 0; i < inner; i++) {
        FloatVector w0 = FloatVector.fromArray(SPECIES, panels, w);
        FloatVector w1 = FloatVector.fromArray(SPECIES, panels, w + LANES);
        FloatVector a = FloatVector.broadcast(SPECIES, x[xStart + i]);
        s00 = a.fma(w0, s00);
        s01 = a.fma(w1, s01);
        a = FloatVector.broadcast(SPECIES, x[x1 + i]);
        s10 = a.fma(w0, s10);
        s11 = a.fma(w1, s11);
        a = FloatVector.broadcast(SPECIES, x[x2 + i]);
        s20 = a.fma(w0, s20);
        s21 = a.fma(w1, s21);
        a = FloatVector.broadcast(SPECIES, x[x3 + i]);
        s30 = a.fma(w0, s30);
        s31 = a.fma(w1, s31);
        w += Layout.PANEL;
      }
      s00.add(FloatVector.fromArray(SPECIES, tile, column)).intoArray(tile, column);
      s01.add(FloatVector.fromArray(SPECIES, tile, column + LANES)).intoArray(tile, column + LANES);
      s10.add(FloatVector.fromArray(SPECIES, tile, Layout.PANEL + column))
          .intoArray(tile, Layout.PANEL + column);
      s11.add(FloatVector.fromArray(SPECIES, tile, Layout.PANEL + column + LANES))
          .intoArray(tile, Layout.PANEL + column + LANES);
      s20.add(FloatVector.fromArray(SPECIES, tile, 2 * Layout.PANEL + column))
          .intoArray(tile, 2 * Layout.PANEL + column);
      s21.add(FloatVector.fromArray(SPECIES, tile, 2 * Layout.PANEL + column + LANES))
          .intoArray(tile, 2 * Layout.PANEL + column + LANES);
      s30.add(FloatVector.fromArray(SPECIES, tile, 3 * Layout.PANEL + column))
          .intoArray(tile, 3 * Layout.PANEL + column);
      s31.add(FloatVector.fromArray(SPECIES, tile, 3 * Layout.PANEL + column + LANES))
          .intoArray(tile, 3 * Layout.PANEL + column + LANES);
    }
  }
}
