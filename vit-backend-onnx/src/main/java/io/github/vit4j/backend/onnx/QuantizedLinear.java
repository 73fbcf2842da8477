package io.github.vit4j.backend.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes linear layers in int8: x W^T + b, where x is rounded to 8 bits row by row (one row is one
 * token), W output by output, and the products are summed as integers.
 *
 * <p>A row x is stored as q = round(x / s) + 128 in uint8, with s = max|x| / 127, so that neither
 * its scale nor its numbers depend on the other rows: an image gives the same bits in every batch.
 * A row of zeros has the smallest normal number for its scale. The result of a row is s * t[j] *
 * sum((q - 128) * w[j]) + b[j], with w and t from {@link Quantization}.
 *
 * <p>DynamicQuantizeMatMul, ONNX Runtime's own operator for this, has one scale for the whole
 * batch: it takes about two thirds of the time, but one image with a large number in it takes the
 * precision away from all others. MatMulNBits has scales per row and block, and takes two to four
 * times as long for it does not use AMX.
 */
final class QuantizedLinear {
  private final GraphBuilder graph;
  private final QuantizedWeights weights;

  QuantizedLinear(GraphBuilder graph, QuantizedWeights weights) {
    this.graph = graph;
    this.weights = weights;
  }

  /**
   * Rows of 8 bits.
   *
   * @param values uint8 [rows, in]
   * @param scales float32 [rows, 1]
   * @param prefix int64 [2], the first two dimensions of what was quantised
   */
  record Rows(String values, String scales, String prefix) {}

  /** Rounds {@code x} [n, t, in] to 8 bits. */
  Rows quantize(String x, long in) {
    String prefix =
        graph.op(
            "Shape",
            List.of(x),
            GraphBuilder.integerAttribute("start", 0),
            GraphBuilder.integerAttribute("end", 2));
    String rows = graph.reshape(x, -1, in);
    // Two passes that only read are faster than one that writes |x| and another that reads it.
    String axis = graph.integers(1);
    String largest = graph.op("ReduceMax", List.of(rows, axis));
    String smallest = graph.op("ReduceMin", List.of(rows, axis));
    String magnitude = graph.op("Max", List.of(largest, graph.op("Neg", List.of(smallest))));
    String scales =
        graph.op(
            "Max",
            List.of(
                graph.multiply(magnitude, graph.constant(1f / Quantization.STEPS)),
                graph.constant(Quantization.SMALLEST_SCALE)));
    String perRow = graph.reshape(scales, -1);
    String zeroPoints =
        graph.op("Expand", List.of(graph.unsignedByte(128), graph.op("Shape", List.of(perRow))));
    String values =
        graph.op(
            "QuantizeLinear",
            List.of(rows, perRow, zeroPoints),
            GraphBuilder.integerAttribute("axis", 0));
    return new Rows(values, scales, prefix);
  }

  /**
   * The layer of those rows, float32 [n, t, out].
   *
   * @param weight the name of a parameter [out, in]
   * @param bias the name of a value [out]
   */
  String apply(Rows rows, String weight, @Nullable String bias, long out, long in) {
    TensorProto values = weights.declare(weight, out, in);
    TensorProto scales = weights.declareScales(weight, out);
    graph.initializer(values);
    graph.initializer(scales);
    String product =
        product(graph, rows.values(), values.getName(), graph.constant(1f), scales.getName());
    product = graph.multiply(product, rows.scales());
    if (bias != null) {
      product = graph.add(product, bias);
    }
    String shape =
        graph.op(
            "Concat",
            List.of(rows.prefix(), graph.integers(out)),
            GraphBuilder.integerAttribute("axis", 0));
    return graph.op("Reshape", List.of(product, shape));
  }

  /**
   * The sums of (rows - 128) * values, exactly, times both scales, float32 [rows, out]. The zero
   * point of the weights is 0, which could be left out if ONNX Runtime did not look at it without
   * checking where {@link IntegerProducts#UNSIGNED_WEIGHTS} is set, and end the process.
   */
  static String product(
      GraphBuilder graph, String rows, String values, String rowScale, String scales) {
    return graph.microsoftOp(
        "MatMulIntegerToFloat",
        List.of(rows, values, rowScale, scales, graph.unsignedByte(128), graph.signedByte(0)));
  }
}
