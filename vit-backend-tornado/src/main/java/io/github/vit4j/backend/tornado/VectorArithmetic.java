package io.github.vit4j.backend.tornado;

import io.github.vit4j.backend.tornado.kernels.ActivationKernels;
import io.github.vit4j.backend.tornado.kernels.Layout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Java's Vector API (JEP 508). Must not be loaded where the module {@code jdk.incubator.vector} is
 * not there; {@link Arithmetics} looks first. Sums over lanes are made lane by lane: the order in
 * which the API itself adds them is not fixed.
 */
final class VectorArithmetic implements Arithmetic {
  private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
  private static final int LANES = SPECIES.length();

  private final Arithmetic plain = new PlainArithmetic();

  /** Whether tiles are whole numbers of this processor's vectors. */
  static boolean isUsable() {
    return LANES >= 4 && Layout.PANEL % (4 * LANES) == 0;
  }

  @Override
  public String description() {
    return "Vector API with %d bits".formatted(SPECIES.vectorBitSize());
  }

  @Override
  public void product(
      float[] x, int xStart, int xStride, float[] panels, int panelStart, int inner, float[] tile) {
    VectorProduct.product(x, xStart, xStride, panels, panelStart, inner, tile);
  }

  @Override
  public void activate(
      float[] tile,
      float[] bias,
      int biasStart,
      int activation,
      float[] y,
      int yStart,
      int stride) {
    switch (activation) {
      case ActivationKernels.LINEAR -> {
        for (int i = 0; i < TILE; i += LANES) {
          sum(tile, bias, biasStart, i).intoArray(y, target(yStart, stride, i));
        }
      }
      case ActivationKernels.GELU -> {
        for (int i = 0; i < TILE; i += LANES) {
          FloatVector x = sum(tile, bias, biasStart, i);
          x.intoArray(y, target(yStart, stride, i));
          x.mul((float) 0.7071067811865476).intoArray(tile, i);
        }
        VectorMath.erf(tile);
        multiplyHalfOfOneMore(y, yStart, stride, tile);
      }
      case ActivationKernels.GELU_TANH, ActivationKernels.GELU_FAST -> {
        for (int i = 0; i < TILE; i += LANES) {
          FloatVector x = sum(tile, bias, biasStart, i);
          x.intoArray(y, target(yStart, stride, i));
          FloatVector cubic = x.mul(x).mul(0.044715f).add(1f).mul(x);
          cubic.mul((float) 0.7978845608028654).intoArray(tile, i);
        }
        VectorMath.tanh(tile);
        multiplyHalfOfOneMore(y, yStart, stride, tile);
      }
      case ActivationKernels.QUICK_GELU, ActivationKernels.SILU -> {
        float steepness = activation == ActivationKernels.SILU ? 1f : 1.702f;
        for (int i = 0; i < TILE; i += LANES) {
          FloatVector x = sum(tile, bias, biasStart, i);
          x.intoArray(y, target(yStart, stride, i));
          x.mul(steepness).intoArray(tile, i);
        }
        VectorMath.sigmoid(tile);
        for (int i = 0; i < TILE; i += LANES) {
          int at = target(yStart, stride, i);
          FloatVector x = FloatVector.fromArray(SPECIES, y, at);
          x.mul(FloatVector.fromArray(SPECIES, tile, i)).intoArray(y, at);
        }
      }
      default -> plain.activate(tile, bias, biasStart, activation, y, yStart, stride);
    }
  }

  /** {@code y = y / 2 * (1 + tile)}. */
  private static void multiplyHalfOfOneMore(float[] y, int yStart, int stride, float[] tile) {
    for (int i = 0; i < TILE; i += LANES) {
      int at = target(yStart, stride, i);
      FloatVector x = FloatVector.fromArray(SPECIES, y, at);
      x.mul(0.5f).mul(FloatVector.fromArray(SPECIES, tile, i).add(1f)).intoArray(y, at);
    }
  }

  private static FloatVector sum(float[] tile, float[] bias, int biasStart, int i) {
    return FloatVector.fromArray(SPECIES, tile, i)
        .add(FloatVector.fromArray(SPECIES, bias, biasStart + i % Layout.PANEL));
  }

  /** Where number {@code i} of a tile goes. */
  private static int target(int yStart, int stride, int i) {
    return yStart + i / Layout.PANEL * stride + i % Layout.PANEL;
  }

  @Override
  public void addResidual(
      float[] tile,
      float[] bias,
      int biasStart,
      float[] residual,
      float[] y,
      int yStart,
      int stride) {
    for (int i = 0; i < TILE; i += LANES) {
      int at = target(yStart, stride, i);
      FloatVector.fromArray(SPECIES, residual, at)
          .add(sum(tile, bias, biasStart, i))
          .intoArray(y, at);
    }
  }

  @Override
  public void softmax(float[] scores, int start, int length, float scale) {
    int whole = start + SPECIES.loopBound(length);
    int end = start + length;
    FloatVector maxima = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    for (int i = start; i < whole; i += LANES) {
      maxima = maxima.max(FloatVector.fromArray(SPECIES, scores, i));
    }
    float largest = maxima.reduceLanes(VectorOperators.MAX);
    for (int i = whole; i < end; i++) {
      largest = Math.max(largest, scores[i]);
    }
    FloatVector sums = FloatVector.zero(SPECIES);
    for (int i = start; i < whole; i += LANES) {
      FloatVector x = FloatVector.fromArray(SPECIES, scores, i).sub(largest).mul(scale);
      FloatVector e = VectorMath.exp(x);
      e.intoArray(scores, i);
      sums = sums.add(e);
    }
    float sum = sumOfLanes(sums);
    if (whole < end) {
      var rest = SPECIES.indexInRange(whole, end);
      FloatVector x = FloatVector.fromArray(SPECIES, scores, whole, rest).sub(largest).mul(scale);
      FloatVector e = VectorMath.exp(x);
      e.intoArray(scores, whole, rest);
      sum += sumOfLanes(FloatVector.zero(SPECIES).blend(e, rest));
    }
    float share = 1 / sum;
    for (int i = start; i < whole; i += LANES) {
      FloatVector.fromArray(SPECIES, scores, i).mul(share).intoArray(scores, i);
    }
    for (int i = whole; i < end; i++) {
      scores[i] *= share;
    }
  }

  @Override
  public void layerNorm(
      float[] x,
      NormWeights weights,
      float[] y,
      int step,
      int width,
      int stride,
      float epsilon,
      int from,
      int to) {
    int whole = SPECIES.loopBound(width);
    for (int row = from; row < to; row++) {
      int source = row * step * stride;
      FloatVector sums = FloatVector.zero(SPECIES);
      for (int i = 0; i < whole; i += LANES) {
        sums = sums.add(FloatVector.fromArray(SPECIES, x, source + i));
      }
      float sum = sumOfLanes(sums);
      for (int i = whole; i < width; i++) {
        sum += x[source + i];
      }
      float mean = sum / width;
      FloatVector squares = FloatVector.zero(SPECIES);
      for (int i = 0; i < whole; i += LANES) {
        FloatVector d = FloatVector.fromArray(SPECIES, x, source + i).sub(mean);
        squares = d.fma(d, squares);
      }
      sum = sumOfLanes(squares);
      for (int i = whole; i < width; i++) {
        sum += (x[source + i] - mean) * (x[source + i] - mean);
      }
      float scale = 1 / (float) Math.sqrt(sum / width + epsilon);
      int target = row * stride;
      for (int i = 0; i < whole; i += LANES) {
        FloatVector.fromArray(SPECIES, x, source + i)
            .sub(mean)
            .mul(scale)
            .fma(
                FloatVector.fromArray(SPECIES, weights.weight(), i),
                FloatVector.fromArray(SPECIES, weights.bias(), i))
            .intoArray(y, target + i);
      }
      for (int i = whole; i < width; i++) {
        y[target + i] = (x[source + i] - mean) * scale * weights.weight()[i] + weights.bias()[i];
      }
    }
  }

  private static float sumOfLanes(FloatVector vector) {
    float sum = 0;
    for (int lane = 0; lane < LANES; lane++) {
      sum += vector.lane(lane);
    }
    return sum;
  }
}
