package io.github.vit4j.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.Weight;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Against numpy; see {@code benchmark/expected_quantization.py}. */
class QuantizationTest {
  private static final Map<String, double[]> EXPECTED = expected();
  private static final int OUT = 70;
  private static final int IN = 40;
  private static final int ROWS = 9;

  private static Map<String, double[]> expected() {
    try (InputStream in =
        Objects.requireNonNull(QuantizationTest.class.getResourceAsStream("quantization.txt"))) {
      List<String> lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      Map<String, double[]> arrays = new HashMap<>();
      for (int i = 0; i < lines.size(); i += 2) {
        arrays.put(
            lines.get(i).split(" ", 2)[0],
            Arrays.stream(lines.get(i + 1).split(" ", -1))
                .mapToDouble(Double::parseDouble)
                .toArray());
      }
      return arrays;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static double[] numbers(String name) {
    return Objects.requireNonNull(EXPECTED.get(name));
  }

  private static float[] floats(String name) {
    double[] numbers = numbers(name);
    float[] floats = new float[numbers.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) numbers[i];
    }
    return floats;
  }

  @Test
  void weightsAreRoundedAsNumpyDoes() {
    try (Arena arena = Arena.ofConfined()) {
      Quantization quantized = Quantization.of(arena, Tensor.of(floats("weight"), OUT, IN));
      assertThat(quantized.scales().toFloatArray()).isEqualTo(floats("scales"));
      double[] values = numbers("values");
      for (int out = 0; out < OUT; out++) {
        for (int in = 0; in < IN; in++) {
          assertThat(quantized.values().getLong((long) in * OUT + out))
              .as("output %d, input %d", out, in)
              .isEqualTo((long) values[out * IN + in]);
        }
      }
    }
  }

  @Test
  void numbersThatAreNotFiniteStayVisible() {
    float[] weight = {1, Float.NaN, 2, 3, Float.POSITIVE_INFINITY, 1};
    try (Arena arena = Arena.ofConfined()) {
      float[] scales = Quantization.of(arena, Tensor.of(weight, 3, 2)).scales().toFloatArray();
      assertThat(scales).containsExactly(Float.NaN, 3f / 127, Float.POSITIVE_INFINITY);
    }
  }

  /** One layer, as every linear layer of a graph is computed. */
  private static float[] layer(float[] x, int rows) throws OrtException {
    return layer(x, rows, false);
  }

  private static float[] layer(float[] x, int rows, boolean unsignedWeights) throws OrtException {
    Weight weight = Weight.of("w", Tensor.of(floats("weight"), OUT, IN));
    GraphBuilder graph = GraphBuilder.forOnnxRuntime();
    String input = graph.input("x", DataType.FLOAT, "n", 1, IN);
    String bias = graph.input("b", DataType.FLOAT, OUT);
    OrtEnvironment environment = OrtLibrary.environment();
    try (QuantizedWeights weights = new QuantizedWeights(_ -> weight)) {
      QuantizedLinear linear = new QuantizedLinear(graph, weights);
      graph.output("y", linear.apply(linear.quantize(input, IN), "w", bias, OUT, IN), 3);
      weights.write();
      try (OrtSession.SessionOptions options =
          new OrtOptions(1, false, OrtOptions.NO_CUDA).create()) {
        if (unsignedWeights) {
          options.addConfigEntry(IntegerProducts.UNSIGNED_WEIGHTS, "1");
        }
        options.addConfigEntry(
            "session.model_external_initializers_file_folder_path", weights.directory().toString());
        try (OrtSession session = environment.createSession(graph.build().toByteArray(), options);
            OnnxTensor pixels =
                OnnxTensor.createTensor(
                    environment, FloatBuffer.wrap(x), new long[] {rows, 1, IN});
            OnnxTensor biases =
                OnnxTensor.createTensor(
                    environment, FloatBuffer.wrap(floats("bias")), new long[] {OUT});
            OrtSession.Result result = session.run(Map.of("x", pixels, "b", biases))) {
          FloatBuffer y = ((OnnxTensor) result.get(0)).getFloatBuffer();
          float[] values = new float[y.remaining()];
          y.get(values);
          return values;
        }
      }
    }
  }

  @Test
  void aLayerIsTheSumOfIntegersTimesBothScales() throws OrtException {
    float[] y = layer(floats("x"), ROWS);
    double[] expected = numbers("y");
    assertThat(y).hasSameSizeAs(expected);
    for (int row = 0; row < ROWS; row++) {
      double largest = 0;
      for (int j = 0; j < OUT; j++) {
        largest = Math.max(largest, Math.abs(expected[row * OUT + j]));
      }
      for (int j = 0; j < OUT; j++) {
        // The integers are exact: what is left are three roundings of float32.
        assertThat((double) y[row * OUT + j])
            .as("row %d, output %d", row, j)
            .isCloseTo(
                expected[row * OUT + j], org.assertj.core.data.Offset.offset(3e-7 * largest));
      }
    }
  }

  @Test
  void aRowOfZerosGivesTheBias() throws OrtException {
    assertThat(layer(new float[IN], 1)).isEqualTo(floats("bias"));
  }

  @Test
  void aRowDoesNotDependOnItsNeighbours() throws OrtException {
    float[] x = floats("x");
    float[] together = layer(x, ROWS);
    for (int row = 0; row < ROWS; row++) {
      assertThat(layer(Arrays.copyOfRange(x, row * IN, (row + 1) * IN), 1))
          .isEqualTo(Arrays.copyOfRange(together, row * OUT, (row + 1) * OUT));
    }
  }

  @Test
  void aRowWithANumberThatIsNoneGivesNone() throws OrtException {
    float[] x = floats("x");
    Arrays.fill(x, IN, 2 * IN, Float.NaN); // as layer normalisation spreads it
    float[] y = layer(x, ROWS);
    for (int j = 0; j < OUT; j++) {
      assertThat(y[OUT + j]).isNaN();
    }
    assertThat(Arrays.copyOf(y, OUT)).isEqualTo(Arrays.copyOf(layer(floats("x"), ROWS), OUT));
  }

  @Test
  void theKernelForUnsignedWeightsIsExactEverywhere() throws OrtException {
    assertThat(IntegerProducts.areExact(true)).isTrue();
    float[] x = floats("x");
    assertThat(layer(x, ROWS, true)).isEqualTo(layer(x, ROWS, false));
  }

  @Test
  void theFileIsGoneAfterwards() throws IOException {
    Path directory;
    try (QuantizedWeights weights =
        new QuantizedWeights(_ -> Weight.of("w", Tensor.allocate(ElementType.FLOAT32, OUT, IN)))) {
      directory = weights.directory();
      weights.declare("w", OUT, IN);
      weights.write();
      try (var files = Files.list(directory)) {
        assertThat(files).hasSize(1);
      }
    }
    assertThat(directory).doesNotExist();
  }
}
