package io.github.vit4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.FakeBackend;
import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.spi.Availability;
import io.github.vit4j.spi.BackendProvider;
import io.github.vit4j.spi.Device;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.ModelSource;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.SessionInfo;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTSession;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.NullUnmarked;
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
      assertThat(registry.broken()).singleElement().asString().contains("no.such.Backend");
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

  /** What a provider answers, whatever that is. */
  private record Answering(Supplier<String> said, Supplier<Availability> told)
      implements BackendProvider {
    @Override
    public String name() {
      return said.get();
    }

    @Override
    public Availability availability() {
      return told.get();
    }

    @Override
    public ViTSession open(ModelDefinition model, SessionOptions options) {
      throw new UnsupportedOperationException();
    }
  }

  private static <T> Supplier<T> throwing(Error error) {
    return () -> {
      throw error;
    };
  }

  private static String reason(Supplier<Availability> told) {
    Availability availability = BackendRegistry.availability(new Answering(() -> "abacus", told));
    assertThat(availability).isInstanceOf(Availability.Unavailable.class);
    return ((Availability.Unavailable) availability).reason();
  }

  @Test
  @NullUnmarked
  void aBackendThatCannotTellWhatItHasIsNotAvailableAndOneLineSaysWhy() {
    assertThat(reason(() -> null)).startsWith("it gave null when asked");
    assertThat(reason(throwing(new AssertionError("no\nbeads"))))
        .isEqualTo("it failed when asked: no beads");
    assertThat(reason(throwing(new StackOverflowError())))
        .isEqualTo("it failed when asked: java.lang.StackOverflowError");
    assertThat(reason(() -> new Availability.Available(null, List.of(CPU))))
        .isEqualTo("it failed when asked: an available backend has a version");
    assertThat(reason(() -> new Availability.Available("1", null)))
        .isEqualTo("it failed when asked: an available backend has devices");
    assertThat(reason(() -> new Availability.Unavailable(null)))
        .isEqualTo("it failed when asked: an unavailable backend has a reason");
    OutOfMemoryError full = new OutOfMemoryError("full");
    assertThatThrownBy(
            () -> BackendRegistry.availability(new Answering(() -> "abacus", throwing(full))))
        .isSameAs(full);
  }

  @Test
  @NullUnmarked
  void nullHasNoPlaceInWhatABackendTells() {
    Set<Precision> precisions = Set.of(Precision.FP32);
    assertThatThrownBy(() -> new Device(null, "", precisions)).hasMessage("a device has a name");
    assertThatThrownBy(() -> new Device("cpu", null, precisions))
        .hasMessage("a device has a description");
    assertThatThrownBy(() -> new Device("cpu", "", null)).hasMessage("a device has precisions");
    assertThatThrownBy(() -> new SessionInfo(null, "1", "cpu", Precision.FP32, 1))
        .hasMessage("a session has a backend");
    assertThatThrownBy(() -> new SessionInfo("abacus", null, "cpu", Precision.FP32, 1))
        .hasMessage("a session's engine has a version");
    assertThatThrownBy(() -> new SessionInfo("abacus", "1", null, Precision.FP32, 1))
        .hasMessage("a session has a device");
    assertThatThrownBy(() -> new SessionInfo("abacus", "1", "cpu", null, 1))
        .hasMessage("a session has a precision");
  }

  @Test
  @NullUnmarked
  void aBackendWithoutANameIsLeftOutAndTheOthersServe() {
    Supplier<Availability> there = () -> new Availability.Available("1", List.of(CPU));
    BackendRegistry registry =
        BackendRegistry.of(
            List.of(
                new Answering(() -> null, there),
                new Answering(throwing(new AssertionError("not now")), there),
                FakeBackend.with("onnx", CPU)));
    assertThat(registry.choose(anything()).provider().name()).isEqualTo("onnx");
    assertThat(registry.broken())
        .containsExactly(
            Answering.class.getName() + " has no name: it gives null",
            Answering.class.getName() + " has no name: it failed when asked: not now");
    assertThatThrownBy(() -> registry.choose(request("abacus", "auto", Precision.FP32)))
        .hasMessageContaining("it gives null");
  }
}
