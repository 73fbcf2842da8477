package io.github.vit4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ImageSize;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.CheckpointException;
import io.github.vit4j.error.HubException;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.error.ModelNotFoundException;
import io.github.vit4j.hub.HubClient;
import io.github.vit4j.hub.ModelFiles;
import io.github.vit4j.hub.ModelWriter;
import io.github.vit4j.runtime.BackendRegistry;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.Checkpoint;
import io.github.vit4j.weights.RandomWeights;
import io.github.vit4j.weights.Weight;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the model classes do around a backend: loading, checking, assembling outputs, saving. */
class ModelsTest {
  private static final ViTConfig CONFIG =
      ViTConfig.builder()
          .hiddenSize(8)
          .numHiddenLayers(2)
          .numAttentionHeads(2)
          .intermediateSize(16)
          .imageSize(8)
          .patchSize(4)
          .encoderStride(4)
          .labels(List.of("cat", "dog", "bird"))
          .build();
  private static final LoadOptions FAKE =
      LoadOptions.defaults().withRegistry(BackendRegistry.of(List.of(FakeBackend.onCpu())));

  @TempDir private Path folder;

  private static Tensor images(int n) {
    return Tensor.allocate(ElementType.FLOAT32, n, 3, 8, 8);
  }

  private static float[] values(@Nullable Weight weight) {
    return Objects.requireNonNull(weight).tensor().toFloatArray();
  }

  @Test
  void aClassifierHandsOutLogitsAndWhatElseIsAskedFor() {
    try (var model = ViTForImageClassification.fromConfig(CONFIG, 1, FAKE)) {
      ImageClassifierOutput plain = model.forward(images(2));
      assertThat(plain.logits().shape()).containsExactly(2, 3);
      assertThat(plain.loss()).isNull();
      assertThat(plain.hiddenStates()).isEmpty();
      assertThat(plain.attentions()).isEmpty();

      ForwardOptions all = ForwardOptions.defaults().withHiddenStates(true).withAttentions(true);
      ImageClassifierOutput full = model.forward(images(2), Tensor.of(new long[] {0, 2}, 2), all);
      assertThat(full.hiddenStates())
          .hasSize(3)
          .allSatisfy(t -> assertThat(t.shape()).containsExactly(2, 5, 8));
      assertThat(full.attentions())
          .hasSize(2)
          .allSatisfy(t -> assertThat(t.shape()).containsExactly(2, 2, 5, 5));
      assertThat(full.loss()).isNotNull().isPositive();
      assertThat(model.info().backend()).isEqualTo("fake");
    }
  }

  @Test
  void aModelWithAPoolerHandsOutItsOutputAndOneWithoutDoesNot() {
    try (var with = ViTModel.fromConfig(CONFIG, 1, FAKE);
        var without = ViTModel.fromConfig(CONFIG, 1, FAKE.withAddPoolingLayer(false))) {
      assertThat(with.hasPooler()).isTrue();
      assertThat(with.forward(images(1)).poolerOutput()).isNotNull();
      assertThat(without.hasPooler()).isFalse();
      assertThat(without.forward(images(1)).poolerOutput()).isNull();
    }
  }

  @Test
  void aMaskedModelGivesALossOnlyWithAMask() {
    try (var model = ViTForMaskedImageModeling.fromConfig(CONFIG, 1, FAKE)) {
      assertThat(model.forward(images(1), null).loss()).isNull();
      Tensor mask = Tensor.of(new boolean[] {true, false, false, true}, 1, 4);
      assertThat(model.forward(images(1), mask).loss()).isNotNull();
      assertThat(model.forward(images(1), mask).reconstruction().shape())
          .containsExactly(1, 3, 8, 8);
    }
  }

  @Test
  void inputsThatDoNotFitAreRefusedInHuggingFacesWords() {
    try (var model = ViTForImageClassification.fromConfig(CONFIG, 1, FAKE)) {
      assertThatThrownBy(() -> model.forward(Tensor.allocate(ElementType.FLOAT32, 1, 3, 8, 12)))
          .isInstanceOf(InvalidInputException.class)
          .hasMessage("Input image size (8*12) doesn't match model (8*8).");
      assertThatThrownBy(() -> model.forward(Tensor.allocate(ElementType.FLOAT32, 1, 1, 8, 8)))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("Expected 3 but got 1.");
      assertThatThrownBy(() -> model.forward(Tensor.allocate(ElementType.FLOAT32, 3, 8, 8)))
          .isInstanceOf(InvalidInputException.class);
      assertThatThrownBy(() -> model.forward(Tensor.allocate(ElementType.FLOAT16, 1, 3, 8, 8)))
          .isInstanceOf(InvalidInputException.class);
      assertThatThrownBy(() -> model.forward(Tensor.allocate(ElementType.FLOAT32, 0, 3, 8, 8)))
          .isInstanceOf(InvalidInputException.class);
    }
  }

  @Test
  void masksThatDoNotFitAreRefused() {
    ViTConfig otherStride = CONFIG.toBuilder().encoderStride(2).build();
    ViTConfig rectangular = CONFIG.toBuilder().imageSize(new ImageSize(8, 16)).build();
    Tensor mask = Tensor.of(new boolean[4], 1, 4);
    try (var model = ViTForMaskedImageModeling.fromConfig(CONFIG, 1, FAKE);
        var stride = ViTForMaskedImageModeling.fromConfig(otherStride, 1, FAKE);
        var wide = ViTForMaskedImageModeling.fromConfig(rectangular, 1, FAKE);
        var encoder = ViTModel.fromConfig(CONFIG, 1, FAKE)) {
      assertThatThrownBy(() -> model.forward(images(2), mask))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("bool [2, 4]");
      assertThatThrownBy(() -> model.forward(images(1), Tensor.of(new float[4], 1, 4)))
          .isInstanceOf(InvalidInputException.class);
      assertThatThrownBy(() -> stride.forward(images(1), mask))
          .isInstanceOf(InvalidInputException.class)
          .hasMessage(
              "When `bool_masked_pos` is provided, `patch_size` must be equal to `encoder_stride` to ensure that the"
                  + " reconstructed image has the same dimensions as the input. Got `patch_size` = 4 and"
                  + " `encoder_stride` = 2.");
      assertThatThrownBy(
              () -> wide.forward(Tensor.allocate(ElementType.FLOAT32, 1, 3, 8, 16), null))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("square number of patches");
      assertThatThrownBy(() -> encoder.forward(images(1), mask, ForwardOptions.defaults()))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("no mask token");
    }
  }

  @Test
  void aSavedModelLoadsAgainWithTheSameWeights() {
    try (var model = ViTForImageClassification.fromConfig(CONFIG, 7, FAKE)) {
      model.savePretrained(folder);
    }
    Map<String, Weight> original =
        RandomWeights.create(CONFIG, Architecture.VIT_FOR_IMAGE_CLASSIFICATION, false, 7);
    Checkpoint saved = Checkpoint.open(folder);
    assertThat(saved.names())
        .contains("classifier.weight", "vit.encoder.layer.1.attention.attention.query.weight");
    assertThat(values(saved.get("vit.layernorm.weight")))
        .containsExactly(values(original.get("layernorm.weight")));
    assertThat(values(saved.get("classifier.weight")))
        .containsExactly(values(original.get("classifier.weight")));
    try (var again = ViTForImageClassification.fromPretrained(folder, FAKE)) {
      assertThat(again.config().id2label()).isEqualTo(CONFIG.id2label());
      assertThat(again.config().toJson().get("architectures").get(0).stringValue())
          .isEqualTo("ViTForImageClassification");
    }
  }

  @Test
  void savingLeavesNoTemporaryFilesAndAFailureNoDirectoryHalfDone() throws IOException {
    try (var model = ViTForImageClassification.fromConfig(CONFIG, 7, FAKE)) {
      model.savePretrained(folder.resolve("model"));
      try (Stream<Path> files = Files.list(folder.resolve("model"))) {
        assertThat(files.map(f -> f.getFileName().toString()))
            .containsExactlyInAnyOrder("config.json", "model.safetensors");
      }
      Path file = Files.createFile(folder.resolve("file"));
      assertThatThrownBy(() -> model.savePretrained(file))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining(file.toString());
    }
  }

  @Test
  void aHeadThatTheCheckpointLacksIsAnErrorUnlessASeedIsGiven() {
    ModelWriter.write(
        folder,
        CONFIG,
        Architecture.VIT_MODEL,
        RandomWeights.create(CONFIG, Architecture.VIT_MODEL, false, 1));
    assertThatThrownBy(() -> ViTForImageClassification.fromPretrained(folder, FAKE))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("classifier.weight")
        .hasMessageContaining("withInitializeMissing(seed)");
    assertThatThrownBy(() -> ViTModel.fromPretrained(folder, FAKE.withAddPoolingLayer(true)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("pooler.dense.weight");
    try (var model =
        ViTForImageClassification.fromPretrained(folder, FAKE.withInitializeMissing(3))) {
      assertThat(model.forward(images(1)).logits().shape()).containsExactly(1, 3);
    }
    try (var model = ViTModel.fromPretrained(folder, FAKE)) {
      assertThat(model.hasPooler()).isFalse();
    }
  }

  @Test
  void modelsThatAreNotThereAreNamed() throws IOException {
    assertThatThrownBy(() -> ViTModel.fromPretrained(folder, FAKE))
        .isInstanceOf(ModelNotFoundException.class)
        .hasMessageContaining("config.json");
    assertThatThrownBy(() -> ViTModel.fromPretrained(folder.resolve("nowhere"), FAKE))
        .isInstanceOf(ModelNotFoundException.class);
    assertThatThrownBy(() -> ViTModel.fromPretrained("nowhere", FAKE))
        .isInstanceOf(ModelNotFoundException.class)
        .hasMessageContaining("no model at 'nowhere'");
    LoadOptions offline =
        FAKE.withHub(
            HubClient.builder(Map.of())
                .cacheDirectory(folder.resolve("hub"))
                .offline(true)
                .build());
    assertThatThrownBy(() -> ViTModel.fromPretrained("no/such-model", offline))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("there is no directory 'no/such-model'")
        .hasMessageContaining("no/such-model is not in the cache " + folder.resolve("hub"));
    assertThatThrownBy(() -> ViTModel.fromPretrained("builtin:nothing", FAKE))
        .isInstanceOf(ModelNotFoundException.class)
        .hasMessageContaining("built in");
    Files.writeString(folder.resolve("config.json"), CONFIG.toJsonString());
    assertThatThrownBy(() -> ModelFiles.of(folder).checkpoint())
        .isInstanceOf(ModelNotFoundException.class);
  }

  @Test
  void aSavedEncoderHasNoMaskTokenBecauseHuggingFaceExpectsNone() {
    try (var masked = ViTForMaskedImageModeling.fromConfig(CONFIG, 7, FAKE)) {
      masked.savePretrained(folder.resolve("masked"));
    }
    assertThat(Checkpoint.open(folder.resolve("masked")).names())
        .contains("vit.embeddings.mask_token");
    try (var encoder = ViTModel.fromPretrained(folder.resolve("masked"), FAKE)) {
      encoder.savePretrained(folder.resolve("encoder"));
    }
    assertThat(Checkpoint.open(folder.resolve("encoder")).names())
        .contains("embeddings.cls_token")
        .doesNotContain("embeddings.mask_token");
  }
}
