package io.github.vit4j.backend.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.vit4j.backend.tornado.PassExecutor.PreparedPass;
import io.github.vit4j.backend.tornado.kernels.ActivationKernels;
import io.github.vit4j.backend.tornado.kernels.Layout;
import io.github.vit4j.backend.tornado.kernels.TokenKernels;
import io.github.vit4j.config.Activation;
import io.github.vit4j.spi.Device;
import io.github.vit4j.spi.Output;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each kernel alone on TornadoVM's preferred device, of both families where that is a processor,
 * which compiles both, and matrix products by cuBLAS on one of CUDA's; against float64. Skipped by
 * name where there is no device.
 */
class DeviceKernelsTest {
  private static PassExecutor open(String family) {
    String device = DeviceFailuresTest.anyDevice();
    if (family.equals("gpu")) {
      return TornadoDevices.open(device, new GpuKernelFamily());
    }
    if (family.equals("cublas")) {
      return TornadoDevices.open(
          DeviceFailuresTest.cudaDevice(), Map.of(TornadoDevices.KERNELS_PROPERTY, family)::get);
    }
    List<Device> processors = TornadoRuntime.processors();
    assumeTrue(!processors.isEmpty(), "skipped: TornadoVM has no processor among its devices");
    return TornadoDevices.open(processors.getFirst().name(), new CpuKernelFamily(2));
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Input(@Nullable Buffer buffer, float[] values) {}

  private static final Input NOTHING = new Input(null, new float[0]);

  /** Runs a step twice, as what the first run left must not matter; gives its results. */
  private static List<float[]> run(
      PassExecutor executor, Step step, Input first, Input second, Buffer... results) {
    ForwardPass pass =
        new ForwardPass(
            buffer(first),
            second.buffer(),
            List.of(step),
            Arrays.stream(results)
                .map(buffer -> new ForwardPass.Result(Output.LOGITS, 0, buffer, 1, 1, 1))
                .toList());
    try (PreparedPass prepared = executor.prepare(pass)) {
      for (int i = 0; i < 2; i++) {
        put(prepared, first);
        put(prepared, second);
        prepared.run();
      }
      return Arrays.stream(results).map(buffer -> prepared.contents(buffer).clone()).toList();
    }
  }

  private static Buffer buffer(Input input) {
    Buffer buffer = input.buffer();
    if (buffer == null) {
      throw new IllegalArgumentException("a pass has an input");
    }
    return buffer;
  }

  private static void put(PreparedPass prepared, Input input) {
    if (input.buffer() != null) {
      float[] target = prepared.contents(input.buffer());
      System.arraycopy(input.values(), 0, target, 0, target.length);
    }
  }

  private static Input input(float[] values) {
    return new Input(new Buffer("input", values.length), values);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "gpu", "cublas"})
  void linear(String family) {
    try (PassExecutor executor = open(family)) {
      checkLinear(executor, 1, 1, 1, Activation.LINEAR, false);
      checkLinear(executor, 70, 100, 130, Activation.LINEAR, false);
      checkLinear(executor, 67, 33, 65, Activation.LINEAR, true);
      checkLinear(executor, 600, 300, 20, Activation.LINEAR, false);
      for (Activation activation : Activation.values()) {
        checkLinear(executor, 6, 20, 70, activation, false);
      }
    }
  }

  private static void checkLinear(
      PassExecutor executor,
      int rows,
      int inputs,
      int outputs,
      Activation activation,
      boolean added) {
    float[] values = Doubles.random(rows * inputs, 1, 1);
    float[] weight = Doubles.random(outputs * inputs, 2, 1);
    float[] bias = Doubles.random(outputs, 3, 1);
    int stride = Layout.stride(outputs);
    Input x = input(Doubles.matrix(values, rows, inputs));
    float[] before = Doubles.random(Layout.paddedRows(rows) * stride, 4, 1);
    Input residual = added ? input(before) : NOTHING;
    Buffer y = new Buffer("y", before.length);
    Step step =
        new Step.Linear(
            buffer(x),
            Layout.stride(inputs),
            new LinearWeights(
                Doubles.panels(weight, outputs, inputs), Doubles.padded(bias), inputs),
            0,
            Layout.panels(outputs),
            residual.buffer(),
            ActivationKernels.numberOf(activation),
            y,
            stride,
            rows);
    float[] result = run(executor, step, x, residual, y).getFirst();
    for (int row = 0; row < rows; row++) {
      for (int output = 0; output < outputs; output++) {
        double sum = Doubles.linear(values, row * inputs, weight, inputs, bias, output);
        double expected =
            Doubles.activation(activation, sum) + (added ? before[row * stride + output] : 0);
        double error = (inputs + 8) * 1.2e-7 * Math.max(1, Math.abs(sum));
        String what = activation + " " + row + ", " + output;
        Doubles.assertClose(result[row * stride + output], expected, error, what);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "gpu", "cublas"})
  void somePanelsOfALinearLayer(String family) {
    try (PassExecutor executor = open(family)) {
      int inputs = 10;
      float[] values = Doubles.random(5 * inputs, 1, 1);
      float[] weight = Doubles.random(192 * inputs, 2, 1);
      float[] bias = Doubles.random(192, 3, 1);
      Input x = input(Doubles.matrix(values, 5, inputs));
      Buffer y = new Buffer("y", 8 * 192);
      LinearWeights weights =
          new LinearWeights(Doubles.panels(weight, 192, inputs), Doubles.padded(bias), inputs);
      Step step =
          new Step.Linear(buffer(x), 64, weights, 1, 2, null, ActivationKernels.LINEAR, y, 192, 5);
      float[] result = run(executor, step, x, NOTHING, y).getFirst();
      for (int output = 64; output < 192; output++) {
        double expected = Doubles.linear(values, 4 * inputs, weight, inputs, bias, output);
        Doubles.assertClose(result[4 * 192 + output], expected, 3e-6, "output " + output);
      }
    }
  }

  @Test
  void whatFollowsAProductOfALibrary() {
    try (PassExecutor executor =
        TornadoDevices.open(DeviceFailuresTest.anyDevice(), new EpilogueOnly())) {
      for (Activation activation : Activation.values()) {
        checkEpilogue(executor, activation, false);
      }
      checkEpilogue(executor, Activation.LINEAR, true);
    }
  }

  private static void checkEpilogue(PassExecutor executor, Activation activation, boolean added) {
    int rows = 5;
    int stride = 3 * Layout.PANEL;
    float[] product = Doubles.random(Layout.paddedRows(rows) * stride, 1, 3);
    float[] bias = Doubles.random(2 * Layout.PANEL, 2, 1);
    float[] before = Doubles.random(product.length, 3, 1);
    Input y = input(product);
    Input residual = added ? input(before) : NOTHING;
    Step step =
        new Step.Linear(
            buffer(y),
            stride,
            new LinearWeights(new float[1], bias, 1),
            0,
            2,
            residual.buffer(),
            ActivationKernels.numberOf(activation),
            buffer(y),
            stride,
            rows);
    float[] result = run(executor, step, y, residual, buffer(y)).getFirst();
    for (int row = 0; row < rows; row++) {
      for (int output = 0; output < bias.length; output++) {
        int at = row * stride + output;
        double sum = (double) product[at] + bias[output];
        double expected = Doubles.activation(activation, sum) + (added ? before[at] : 0);
        String what = activation + " " + row + ", " + output;
        Doubles.assertClose(result[at], expected, 2e-6 * Math.max(1, Math.abs(sum)), what);
      }
    }
    assertThat(result[2 * Layout.PANEL]).as("beyond the outputs").isEqualTo(product[128]);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "gpu"})
  void attention(String family) {
    try (PassExecutor executor = open(family)) {
      checkAttention(executor, new AttentionCase(1, 1, 1, 1, 1, 1));
      checkAttention(executor, new AttentionCase(2, 5, 3, 16, 5, 1));
      checkAttention(executor, new AttentionCase(1, 70, 2, 7, 70, 3));
      checkAttention(executor, new AttentionCase(3, 65, 2, 80, 1, 1));
      checkAttention(executor, new AttentionCase(1, 130, 1, 150, 130, 1));
      checkAttention(executor, new AttentionCase(1, 2100, 1, 4, 3, 1));
    }
  }

  private static void checkAttention(PassExecutor executor, AttentionCase given) {
    Input query = input(given.query);
    Input keyValue = input(given.keyValue);
    Buffer probabilities = new Buffer("probabilities", given.probabilities.length);
    Buffer context = new Buffer("context", given.context.length);
    Step step =
        new Step.Attention(
            buffer(query),
            buffer(keyValue),
            probabilities,
            context,
            3 * given.stride,
            given.stride,
            given.images,
            given.queries,
            given.tokens,
            given.heads,
            given.headSize,
            given.scale);
    List<float[]> results = run(executor, step, query, keyValue, probabilities, context);
    System.arraycopy(results.get(0), 0, given.probabilities, 0, given.probabilities.length);
    System.arraycopy(results.get(1), 0, given.context, 0, given.context.length);
    given.check(2e-5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "gpu"})
  void layerNorm(String family) {
    try (PassExecutor executor = open(family)) {
      for (int width : new int[] {1, 5, 100, 768}) {
        int stride = Layout.stride(width);
        int rows = 6;
        float[] values = Doubles.random(rows * width, 1, 3);
        float[] weight = Doubles.random(width, 2, 1);
        float[] bias = Doubles.random(width, 3, 1);
        Input x = input(Doubles.matrix(values, rows, width));
        Buffer y = new Buffer("y", Layout.paddedRows(3) * stride);
        Step step =
            new Step.LayerNorm(
                buffer(x), new NormWeights(weight, bias), y, 2, width, stride, 1e-6f, 3);
        float[] result = run(executor, step, x, NOTHING, y).getFirst();
        for (int row = 0; row < 3; row++) {
          double[] expected =
              Doubles.layerNorm(values, 2 * row * width, width, weight, bias, 1e-6f);
          for (int i = 0; i < width; i++) {
            Doubles.assertClose(result[row * stride + i], expected[i], 1e-5, width + ", " + i);
          }
        }
      }
    }
  }

  /** The kernels that only move numbers, against those that the JVM's own tests hold to. */
  @ParameterizedTest
  @ValueSource(strings = {"cpu", "gpu"})
  void whatMovesNumbers(String family) {
    try (PassExecutor executor = open(family)) {
      Input pixels = input(Doubles.random(2 * 2 * 7 * 10, 1, 1));
      float[] patches = new float[12 * 64];
      TokenKernels.patches(pixels.values(), patches, 2, 7, 10, 3, 3, 2, 3, 64, 0, 12);
      Buffer patched = new Buffer("patches", patches.length);
      assertRows(
          run(
                  executor,
                  new Step.Patches(buffer(pixels), patched, 2, 7, 10, 3, 3, 2, 3, 64, 12),
                  pixels,
                  NOTHING,
                  patched)
              .getFirst(),
          patches,
          18);

      Input projected = input(Doubles.random(8 * 64, 1, 1));
      Input mask = input(new float[] {1, 0, 1, 0, 0, 1});
      float[] maskToken = Doubles.random(5, 2, 1);
      float[] positions = Doubles.random(4 * 64, 3, 1);
      float[] embedded = new float[8 * 64];
      Buffer y = new Buffer("y", embedded.length);
      for (Input masked : List.of(mask, NOTHING)) {
        TokenKernels.embeddings(
            projected.values(),
            mask.values(),
            maskToken,
            positions,
            embedded,
            masked.buffer() == null ? 0 : 1,
            4,
            5,
            64,
            0,
            8);
        Step step =
            new Step.Embeddings(
                buffer(projected), masked.buffer(), maskToken, positions, y, 4, 5, 64, 8);
        assertRows(run(executor, step, projected, masked, y).getFirst(), embedded, 5);
      }

      Input x = input(Doubles.random(2 * 10 * 64, 1, 1));
      float[] first = new float[4 * 64];
      TokenKernels.firstTokens(x.values(), first, 5, 3, 64, 0, 4);
      Buffer firsts = new Buffer("first", first.length);
      assertRows(
          run(executor, new Step.FirstTokens(buffer(x), firsts, 5, 3, 64, 4), x, NOTHING, firsts)
              .getFirst(),
          first,
          3);

      float[] shuffled = new float[2 * 2 * 12 * 12];
      TokenKernels.pixelShuffle(x.values(), shuffled, 2, 10, 3, 4, 64, 0, 2 * 2 * 12);
      Buffer image = new Buffer("image", shuffled.length);
      Step shuffle = new Step.PixelShuffle(buffer(x), image, 2, 10, 3, 4, 64, 2 * 2 * 12);
      assertThat(run(executor, shuffle, x, NOTHING, image).getFirst()).containsExactly(shuffled);
    }
  }

  private static void assertRows(float[] actual, float[] expected, int width) {
    IntStream.range(0, expected.length)
        .filter(i -> i % 64 < width)
        .forEach(i -> assertThat(actual[i]).as("number %d", i).isEqualTo(expected[i]));
  }
}
