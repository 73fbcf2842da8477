package io.github.vit4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.FakeBackend;
import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.spi.Device;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.ModelSource;
import io.github.vit4j.spi.Precision;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackendRegistryTest {
  private static final Device CPU = new Device("cpu", "a processor", Set.of(Precision.FP32));
  private static final Device GPU =
      new Device("cuda:0", "a GPU", Set.of(Precision.FP32, Precision.FP16));
  private static final ModelDefinition MODEL =
      new ModelDefinition(
          ViTConfig.builder().build(), Architecture.VIT_MODEL, new ModelSource.Weights(Map.of()));

  private static BackendRequest request(String backend, String device, Precision precision) {
    return new BackendRequest(backend, device, precision);
  }

  private static BackendRequest anything() {
    return request("auto", "auto", Precision.FP32);
  }

  @Test
  void ranksKnownBackendsBeforeOthersWhateverTheOrderTheyAreFoundIn() {
    BackendRegistry registry =
        BackendRegistry.of(
            List.of(
                FakeBackend.with("zebra", CPU),
                FakeBackend.with("tornado", CPU),
                FakeBackend.with("abacus", CPU),
                FakeBackend.with("onnx", CPU)));
    assertThat(registry.providers())
        .extracting(p -> p.name())
        .containsExactly("onnx", "tornado", "abacus", "zebra");
    assertThat(registry.choose(anything()).provider().name()).isEqualTo("onnx");
  }

  @Test
  void theReferenceBackendIsTheLastResortWhateverTheOthersAreCalledAndTheReasonIsTold() {
    BackendRegistry registry =
        BackendRegistry.of(
            List.of(
                FakeBackend.with("reference", CPU),
                FakeBackend.unavailable("zebra", "no native library"),
                FakeBackend.unavailable("onnx", "no native library either")));
    assertThat(registry.providers())
        .extracting(p -> p.name())
        .containsExactly("onnx", "zebra", "reference");
    BackendChoice choice = registry.choose(anything());
    assertThat(choice.provider().name()).isEqualTo("reference");
    assertThat(choice.reason())
        .contains(
            "onnx is not available (no native library either)",
            "zebra is not available (no native library)");
  }

  @Test
  void anAutomaticChoicePassesOverWhatDoesNotServeAndSaysWhy() {
    BackendRegistry registry =
        BackendRegistry.of(
            List.of(
                FakeBackend.unavailable("onnx", "no native library"),
                FakeBackend.with("djl", CPU),
                FakeBackend.with("tornado", CPU, GPU)));
    BackendChoice choice = registry.choose(request("auto", "cuda", Precision.FP16));
    assertThat(choice.provider().name()).isEqualTo("tornado");
    assertThat(choice.device()).isEqualTo(GPU);
    assertThat(choice.reason())
        .contains("onnx is not available (no native library)", "djl has cpu (float32)");
  }

  @Test
  void anExplicitChoiceThatCannotBeMetFailsAndListsWhatIsThere() {
    BackendRegistry registry =
        BackendRegistry.of(
            List.of(FakeBackend.with("onnx", CPU), FakeBackend.with("djl", CPU, GPU)));
    assertThatThrownBy(() -> registry.choose(request("onnx", "cuda", Precision.FP32)))
        .isInstanceOf(BackendException.class)
        .hasMessage(
            "nothing here serves backend onnx, device cuda, float32: onnx has cpu (float32)");
    assertThatThrownBy(() -> registry.choose(request("auto", "auto", Precision.INT8)))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("onnx has cpu (float32)")
        .hasMessageContaining("djl has cpu (float32), cuda:0 (float32, float16)");
    assertThatThrownBy(() -> registry.choose(request("auto", "cud", Precision.FP32)))
        .isInstanceOf(BackendException.class);
  }

  @Test
  void anUnknownBackendIsAnErrorThatNamesTheKnownOnesAndTheMissingJar() {
    BackendRegistry registry = BackendRegistry.of(List.of(FakeBackend.with("abacus", CPU)));
    assertThatThrownBy(() -> registry.choose(request("onnx", "auto", Precision.FP32)))
        .isInstanceOf(BackendException.class)
        .hasMessage(
            "no backend is named 'onnx', there are abacus; add io.github.vit4j:vit-backend-onnx to the class path");
    assertThatThrownBy(() -> registry.choose(request("abakus", "auto", Precision.FP32)))
        .hasMessage("no backend is named 'abakus', there are abacus");
    assertThatThrownBy(() -> BackendRegistry.of(List.of()).choose(anything()))
        .hasMessageStartingWith("no backend is on the class path");
  }

  @Test
  void twoBackendsOfOneNameAndImpossibleNamesAreErrors() {
    assertThatThrownBy(
            () ->
                BackendRegistry.of(
                    List.of(FakeBackend.with("onnx", CPU), FakeBackend.with("onnx", GPU))))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("two backends are named 'onnx'");
    for (String name : List.of("ONNX", "", "auto", "a b", "1st")) {
      assertThatThrownBy(() -> BackendRegistry.of(List.of(FakeBackend.with(name, CPU))))
          .as("name '%s'", name)
          .isInstanceOf(BackendException.class);
    }
  }

  @Test
  void openingFallsBackOnlyWhenTheBackendWasLeftOpen() {
    BackendRegistry registry =
        BackendRegistry.of(
            List.of(
                FakeBackend.failingToOpen("onnx", "out of memory"), FakeBackend.with("djl", CPU)));
    OpenedBackend opened = registry.open(MODEL, anything(), 3, false);
    assertThat(opened.session().info().backend()).isEqualTo("djl");
    assertThat(opened.session().info().threads()).isEqualTo(3);
    assertThat(opened.choice().reason()).contains("onnx could not open the model (out of memory)");

    assertThatThrownBy(
            () -> registry.open(MODEL, request("onnx", "auto", Precision.FP32), 0, false))
        .isInstanceOf(BackendException.class)
        .hasMessage("out of memory");
  }

  @Test
  void aProviderThatCannotBeCreatedIsNamedAndTheOthersServe(@TempDir Path folder)
      throws IOException {
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(
        services.resolve("io.github.vit4j.spi.BackendProvider"),
        "no.such.Backend\n" + FakeBackend.Installed.class.getName() + "\n");
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
      BackendRegistry registry = BackendRegistry.installed(loader);
      assertThat(registry.choose(anything()).provider().name()).isEqualTo("installed");
      assertThatThrownBy(() -> registry.choose(request("other", "auto", Precision.FP32)))
          .hasMessageContaining("no.such.Backend");
    }
  }

  @Test
  void aBackendWhoseNativeLibraryDoesNotLoadIsPassedOver() {
    BackendRegistry registry =
        BackendRegistry.of(
            List.of(FakeBackend.failingToLink("onnx", "no libfoo"), FakeBackend.with("djl", CPU)));
    OpenedBackend opened = registry.open(MODEL, anything(), 0, false);
    assertThat(opened.session().info().backend()).isEqualTo("djl");
    assertThat(opened.choice().reason()).contains("onnx could not open the model (no libfoo)");
    assertThatThrownBy(
            () -> registry.open(MODEL, request("onnx", "auto", Precision.FP32), 0, false))
        .isInstanceOf(BackendException.class)
        .hasMessage("onnx cannot run here: no libfoo");
  }
}
