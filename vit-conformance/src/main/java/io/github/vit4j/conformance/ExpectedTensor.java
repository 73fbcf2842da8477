package io.github.vit4j.conformance;

import io.github.vit4j.spi.Precision;
import io.github.vit4j.tensor.Tensor;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What transformers computes, and how well.
 *
 * @param name for example {@code logits} or {@code hidden_states.3}
 * @param shape of the whole tensor
 * @param view which numbers of it are stored
 * @param float64 those numbers, computed in float64 throughout, float64
 * @param float32 those numbers as transformers gives them in float32; null where only float64 is
 *     stored
 * @param pytorchLoss by precision: the largest difference from the float64 result that PyTorch
 *     shows over several inputs of this kind, as a share of the largest magnitude
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ExpectedTensor(
    String name,
    long[] shape,
    TensorView view,
    Tensor float64,
    @Nullable Tensor float32,
    Map<Precision, Double> pytorchLoss) {
  /** Copies the map. */
  public ExpectedTensor {
    pytorchLoss = Map.copyOf(pytorchLoss);
  }

  /**
   * {@return how far a tensor may be from the float64 result, as a share of the largest magnitude,
   * less than 1; empty where PyTorch does not compute this tensor in that precision, or loses so
   * much of it that zeros would pass}
   *
   * @param precision of the session that computes it
   */
  public OptionalDouble tolerance(Precision precision) {
    Double loss = pytorchLoss.get(precision);
    if (loss == null) {
      return OptionalDouble.empty();
    }
    double tolerance = Tolerance.of(loss, precision);
    return tolerance < 1 ? OptionalDouble.of(tolerance) : OptionalDouble.empty();
  }

  /**
   * Compares with the float64 result.
   *
   * @param actual the whole tensor, of any floating-point type
   * @return how far the numbers of {@link #view} are from {@link #float64}
   */
  public TensorDifference difference(Tensor actual) {
    if (!actual.hasShape(shape)) {
      return TensorDifference.otherShapes(actual.shape(), shape);
    }
    return TensorDifference.between(view.of(actual), float64);
  }

  /**
   * Measures {@code actual} against {@link #tolerance}.
   *
   * @param actual the whole tensor, of any floating-point type; of another shape, its error is
   *     infinite
   * @param precision of the session that computed it
   * @return error and tolerance; empty where {@link #tolerance} is
   */
  public Optional<Measurement> compare(Tensor actual, Precision precision) {
    OptionalDouble tolerance = tolerance(precision);
    return tolerance.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Measurement(
                toString(),
                difference(actual).relativeError(),
                tolerance.getAsDouble(),
                pytorchLoss.getOrDefault(precision, Double.NaN)));
  }

  /** {@return the name, and the view if it is not the whole, for example {@code logits}} */
  @Override
  public String toString() {
    return view instanceof TensorView.Whole ? name : name + " (" + view + ")";
  }
}
