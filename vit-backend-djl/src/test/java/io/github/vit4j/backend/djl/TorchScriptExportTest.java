package io.github.vit4j.backend.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import io.github.vit4j.conformance.ReferenceCase;
import io.github.vit4j.conformance.ReferenceCases;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.NativeMemory;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.Tensor;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The written file as libtorch itself loads it. */
class TorchScriptExportTest {
  @ParameterizedTest
  @ValueSource(strings = {"classifier", "float16", "no_labels"})
  void theFileComputesWhatTheSessionDoes(String name, @TempDir Path directory) throws Exception {
    ReferenceCase reference = ReferenceCases.named(name);
    ModelDefinition model = reference.model();
    Tensor pixels = reference.runs().getFirst().inputs().pixelValues();
    Path file = directory.resolve("model.pt");
    TorchScriptExport.write(model, file);
    assertThat(directory.toFile().list()).containsExactly("model.pt");
    try (ViTSession session =
            new DjlBackendProvider()
                .open(model, new SessionOptions("cpu", Precision.FP32, 1, false));
        PtNDManager manager = (PtNDManager) NDManager.newBaseManager(Device.cpu(), "PyTorch");
        InputStream stream = Files.newInputStream(file);
        PtSymbolBlock module = JniUtils.loadModule(manager, stream, false, false)) {
      Tensor expected =
          Objects.requireNonNull(
              session.run(new ViTInputs(pixels, null, false, Set.of(Output.LOGITS))).logits());
      PtNDArray array =
          manager.create(
              NativeMemory.buffer(NativeMemory.aligned(pixels)),
              new Shape(pixels.shape()),
              DataType.FLOAT32);
      try (IValue given = IValue.from(array);
          IValue result = IValueUtils.runMethod(module, "forward", given)) {
        Map<String, IValue> outputs = result.toIValueMap();
        assertThat(outputs).containsOnlyKeys("logits");
        float[] actual =
            Objects.requireNonNull(outputs.get("logits")).toTensor(manager).toFloatArray();
        assertThat(actual).containsExactly(expected.toFloatArray(), within(1e-5f));
      }
    }
  }
}
