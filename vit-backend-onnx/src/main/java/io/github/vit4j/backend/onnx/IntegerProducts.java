package io.github.vit4j.backend.onnx;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.error.OneLine;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Whether ONNX Runtime sums products of uint8 and int8 exactly on this processor.
 *
 * <p>An x86 processor without VNNI and AMX multiplies them with PMADDUBSW, which adds two
 * neighbouring products in 16 bits and clips the sum: 255 * 127 * 2 is 64,770 and comes out as
 * 32,767, without a word. ONNX Runtime can use its kernel for unsigned weights there, which is
 * exact and slower, but does not choose it by itself, and its option takes VNNI and AMX away where
 * they are. So the largest products there can be are tried, once per process.
 */
final class IntegerProducts {
  /**
   * The option: weights are made unsigned by adding 128, and their zero point with them (ONNX
   * Runtime's Avx2WeightS8ToU8Transformer).
   */
  static final String UNSIGNED_WEIGHTS = "session.x64quantprecision";

  private static final int IN = 256;
  private static final int OUT = 32;
  private static final int ROWS = 20;

  private IntegerProducts() {}

  /** Whether sums come out exactly as ONNX Runtime is. */
  static boolean areExact() {
    return Holder.EXACT;
  }

  /** Multiplies rows of one and of many, of the largest values, with the largest weights. */
  static boolean areExact(boolean unsignedWeights) {
    GraphBuilder graph = GraphBuilder.forOnnxRuntime();
    String x = graph.input("x", DataType.FLOAT, "rows", IN);
    byte[] weights = new byte[IN * OUT];
    Arrays.fill(weights, (byte) 127);
    String one = graph.constant(1f);
    String rows =
        graph.op("QuantizeLinear", List.of(x, one, graph.reshape(graph.unsignedByte(128))));
    String product = QuantizedLinear.product(graph, rows, graph.bytes(weights, IN, OUT), one, one);
    graph.output("y", product, 2);
    OrtEnvironment environment = OrtLibrary.environment();
    try (OrtSession.SessionOptions options =
        new OrtOptions(1, false, OrtOptions.NO_CUDA).create()) {
      if (unsignedWeights) {
        options.addConfigEntry(UNSIGNED_WEIGHTS, "1");
      }
      try (OrtSession session = environment.createSession(graph.build().toByteArray(), options)) {
        return isExact(environment, session, 1) && isExact(environment, session, ROWS);
      }
    } catch (OrtException e) {
      throw new BackendException(
          "ONNX Runtime cannot multiply 8-bit integers here: %s; choose precision float32"
              .formatted(OneLine.reason(e)),
          e);
    }
  }

  private static boolean isExact(OrtEnvironment environment, OrtSession session, int rows)
      throws OrtException {
    float[] largest = new float[rows * IN];
    Arrays.fill(largest, 127);
    try (OnnxTensor x =
            OnnxTensor.createTensor(environment, FloatBuffer.wrap(largest), new long[] {rows, IN});
        OrtSession.Result result = session.run(Map.of("x", x))) {
      FloatBuffer y = ((OnnxTensor) result.get(0)).getFloatBuffer();
      while (y.hasRemaining()) {
        if (y.get() != 127f * 127 * IN) {
          return false;
        }
      }
      return true;
    }
  }

  private static final class Holder {
    static final boolean EXACT = areExact(false);
  }
}
