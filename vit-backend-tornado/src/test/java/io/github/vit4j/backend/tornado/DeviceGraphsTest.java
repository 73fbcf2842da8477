package io.github.vit4j.backend.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.backend.tornado.PassExecutor.PreparedPass;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.conformance.ReferenceCase;
import io.github.vit4j.conformance.ReferenceCases;
import io.github.vit4j.spi.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Passes that are several graphs of a device: numbers reach the next graph without the host, and
 * the host before and after. Skipped by name where there is no device of TornadoVM.
 */
class DeviceGraphsTest {
  private static final ReferenceCase CASE = ReferenceCases.named("classifier");
  private static final ViTConfig CONFIG = CASE.config();
  private static final int LAYERS = 30;
  private static final int IMAGES = 2;

  /** In front of the arrays in memory. */
  @SuppressWarnings("unused")
  private static volatile byte[] ballast = new byte[0];

  /** The layers of a small model over and over. */
  private static ForwardPass deepPass(Output... outputs) {
    PackedWeights small = WeightPacker.pack(CASE.model());
    List<PackedWeights.Layer> layers = new ArrayList<>();
    while (layers.size() < LAYERS) {
      layers.addAll(small.layers());
    }
    PackedWeights deep =
        new PackedWeights(small.patches(), small.maskToken(), layers, small.norm(), small.head());
    float[] positions = Doubles.random((CONFIG.numPatches() + 1) * 64, 5, 1);
    return ForwardPassBuilder.build(
        CONFIG, deep, Set.of(outputs), IMAGES, CONFIG.imageSize(), false, positions);
  }

  private static List<float[]> results(PreparedPass prepared, ForwardPass pass, int seed) {
    float[] pixels = prepared.contents(pass.pixels());
    System.arraycopy(Doubles.random(pixels.length, seed, 1), 0, pixels, 0, pixels.length);
    prepared.run();
    return pass.results().stream()
        .map(
            result -> {
              float[] rows = new float[result.rows() * result.width()];
              for (int row = 0; row < result.rows(); row++) {
                System.arraycopy(
                    prepared.contents(result.buffer()),
                    row * result.stride(),
                    rows,
                    row * result.width(),
                    result.width());
              }
              return rows;
            })
        .toList();
  }

  private static void check(ForwardPass pass, PassExecutor device) {
    // The collector moves arrays up when this is gone, also those whose addresses somebody noted.
    ballast = new byte[64 << 20];
    System.gc();
    try (PassExecutor jvm = new JvmExecutor(new PlainArithmetic(), 1, false);
        PreparedPass expecting = jvm.prepare(pass);
        PreparedPass prepared = device.prepare(pass)) {
      for (int seed = 0; seed < 4; seed++) {
        List<float[]> expected = results(expecting, pass, seed);
        if (seed == 2) {
          ballast = new byte[0];
        }
        System.gc();
        List<float[]> actual = results(prepared, pass, seed);
        for (int i = 0; i < expected.size(); i++) {
          for (int j = 0; j < expected.get(i).length; j++) {
            Doubles.assertClose(
                actual.get(i)[j], expected.get(i)[j], 2e-4, "run %d, %d, %d".formatted(seed, i, j));
          }
        }
      }
    }
  }

  @Test
  void aDeepModelIsSeveralGraphs() {
    String device = DeviceFailuresTest.anyDevice();
    ForwardPass pass = deepPass(Output.LOGITS, Output.HIDDEN_STATES);
    assertThat(DeviceExecutor.parts(pass.steps(), new GpuKernelFamily(), false)).hasSize(3);
    try (PassExecutor executor = TornadoDevices.open(device)) {
      check(pass, executor);
    }
  }

  @Test
  void inputsAreReadByTheFirstPartAloneWhereOthersAreRecorded() {
    DeviceFailuresTest.anyDevice();
    List<Step> steps = deepPass(Output.LOGITS).steps();
    List<List<Step>> parts = DeviceExecutor.parts(steps, new GpuKernelFamily(), true);
    assertThat(parts.getFirst()).hasSize(3).last().isInstanceOf(Step.Embeddings.class);
    assertThat(parts.stream().flatMap(List::stream)).isEqualTo(steps);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpu", "cublas"})
  void recordedAsCudaGraphsItGivesTheSame(String kernels) {
    String device = DeviceFailuresTest.cudaDevice();
    Map<String, String> properties =
        Map.of(
            TornadoDevices.KERNELS_PROPERTY, kernels, TornadoDevices.CUDA_GRAPH_PROPERTY, "true");
    try (PassExecutor executor = TornadoDevices.open(device, properties::get)) {
      check(deepPass(Output.LOGITS, Output.HIDDEN_STATES), executor);
      check(deepPass(Output.LOGITS), executor);
    }
  }

  @Test
  void whatTheHostWantsOfAnEarlierGraphIsThereToo() {
    String device = DeviceFailuresTest.anyDevice();
    ForwardPass pass = deepPass(Output.ATTENTIONS);
    assertThat(pass.results()).hasSize(LAYERS);
    List<Step> steps = pass.steps();
    assertThat(DeviceExecutor.parts(steps, new GpuKernelFamily(), false)).hasSizeGreaterThan(1);
    try (PassExecutor executor = TornadoDevices.open(device)) {
      check(pass, executor);
    }
  }
}
