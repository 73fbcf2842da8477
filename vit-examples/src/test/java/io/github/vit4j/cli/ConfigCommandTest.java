package io.github.vit4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** {@code vit config}. */
class ConfigCommandTest {
  @TempDir Path folder = Path.of("");

  @Test
  void theDefaultsAreThoseOfHuggingFace() {
    String expected =
        """
        {
          "attention_probs_dropout_prob": 0.0,
          "encoder_stride": 16,
          "hidden_act": "gelu",
          "hidden_dropout_prob": 0.0,
          "hidden_size": 768,
          "image_size": 224,
          "initializer_range": 0.02,
          "intermediate_size": 3072,
          "layer_norm_eps": 1e-12,
          "model_type": "vit",
          "num_attention_heads": 12,
          "num_channels": 3,
          "num_hidden_layers": 12,
          "patch_size": 16,
          "pooler_act": "tanh",
          "pooler_output_size": 768,
          "qkv_bias": true,
          "transformers_version": "5.18.0"
        }
        """;
    assertThat(Vit.run("config").succeeds().out()).isEqualTo(expected);
    assertThat(Vit.run("config", "--json", "--threads", "2").succeeds().out()).isEqualTo(expected);
  }

  @Test
  void everyFieldIsAnOption() throws IOException {
    ObjectNode json =
        Vit.run(
                "config",
                "--hidden-size=12",
                "--num-hidden-layers=3",
                "--num-attention-heads=4",
                "--intermediate-size=7",
                "--hidden-act=gelu_new",
                "--hidden-dropout-prob=0.25",
                "--attention-probs-dropout-prob=0.5",
                "--initializer-range=0.125",
                "--layer-norm-eps=1e-6",
                "--image-size=30x45",
                "--patch-size=5x9",
                "--num-channels=1",
                "--qkv-bias=false",
                "--encoder-stride=6",
                "--pooler-output-size=11",
                "--pooler-act=relu",
                "--num-labels=1",
                "--problem-type=regression")
            .succeeds()
            .json();
    ViTConfig expected =
        ViTConfig.builder()
            .hiddenSize(12)
            .numHiddenLayers(3)
            .numAttentionHeads(4)
            .intermediateSize(7)
            .hiddenAct("gelu_new")
            .hiddenDropoutProb(0.25)
            .attentionProbsDropoutProb(0.5)
            .initializerRange(0.125)
            .layerNormEps(1e-6)
            .imageSize(new io.github.vit4j.config.ImageSize(30, 45))
            .patchSize(new io.github.vit4j.config.ImageSize(5, 9))
            .numChannels(1)
            .qkvBias(false)
            .encoderStride(6)
            .poolerOutputSize(11)
            .poolerAct("relu")
            .numLabels(1)
            .problemType(io.github.vit4j.config.ProblemType.REGRESSION)
            .build();
    assertThat(ViTConfig.fromJson(json)).isEqualTo(expected);
  }

  @Test
  void aModelsConfigurationIsPrintedAndChanged() {
    Path model = Fixtures.tinyModel(folder.resolve("model"), "--num-labels=2");
    assertThat(Vit.run("config", "--model", model).succeeds().out())
        .contains("\"hidden_size\": 8", "\"architectures\"");
    assertThat(Vit.run("config", "--model", model, "--num-labels=4").succeeds().out())
        .contains("\"hidden_size\": 8", "\"LABEL_3\": 3");
  }

  @Test
  void impossibleConfigurationsAreRefused() {
    Vit.run("config", "--hidden-size=10").fails("hidden_size 10 is not divisible by", "12");
    Vit.run("config", "--hidden-size=0").fails("hidden_size must be at least 1");
    Vit.run("config", "--patch-size=300").fails("patch_size", "image_size");
    Vit.run("config", "--layer-norm-eps=NaN").fails("layer_norm_eps");
    Vit.run("config", "--model", "nowhere").fails("no model at 'nowhere'");
  }

  @Test
  void theSameSeedGivesTheSameModel() throws IOException {
    byte[] first = weights(Fixtures.tinyModel(folder.resolve("a"), "--seed=5"));
    assertThat(weights(Fixtures.tinyModel(folder.resolve("b"), "--seed=5"))).isEqualTo(first);
    assertThat(weights(Fixtures.tinyModel(folder.resolve("c"), "--seed=6"))).isNotEqualTo(first);
  }

  private static byte[] weights(Path model) throws IOException {
    return Files.readAllBytes(model.resolve("model.safetensors"));
  }

  @Test
  void eachArchitectureHasItsOwnParameters() throws IOException {
    Path masked =
        Fixtures.tinyModel(folder.resolve("m"), "--architecture=ViTForMaskedImageModeling");
    assertThat(Checkpoint.open(masked).names())
        .contains("decoder.0.weight", "vit.embeddings.mask_token");
    Path encoder = Fixtures.tinyModel(folder.resolve("e"), "--architecture=ViTModel");
    assertThat(Checkpoint.open(encoder).names()).contains("pooler.dense.weight");
    // Made from the model, its architecture stays.
    Vit.run("config", "--model", masked, "--save", folder.resolve("n")).succeeds();
    assertThat(Checkpoint.open(folder.resolve("n")).names()).contains("decoder.0.weight");
    try (Stream<Path> files = Files.list(masked)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "config.json", "model.safetensors", "preprocessor_config.json");
    }
  }

  @Test
  void aDirectoryInUseIsReplacedOnlyByForce() throws IOException {
    Path model = Fixtures.tinyModel(folder.resolve("model"), "--seed=1");
    Files.writeString(model.resolve("notes.txt"), "mine");
    byte[] before = weights(model);
    Vit.run("config", "--save", model).fails("is not empty", "--force");
    assertThat(weights(model)).isEqualTo(before);
    Fixtures.tinyModel(model, "--seed=2", "--force");
    assertThat(weights(model)).isNotEqualTo(before);
    assertThat(model.resolve("notes.txt")).hasContent("mine");
  }

  @Test
  void nothingIsLeftBehindAfterAFailure() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    Vit.run("config", "--save", file).fails("is a file");
    Vit.run("config", "--save", file.resolve("below")).fails("file");
    Path huge = folder.resolve("huge");
    Vit.run("config", "--save", huge, "--hidden-size=1200000").fails("check the sizes");
    Vit.run("config", "--save", huge, "--hidden-size=2147483640").fails("check them");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void aDirectoryWithoutWritePermissionIsSaidSo() throws IOException {
    Path closed = Files.createDirectory(folder.resolve("closed"));
    assumeFalse(
        !closed.toFile().setWritable(false) || Files.isWritable(closed),
        "skipped: this user may write everywhere");
    Vit.run("config", "--save", closed.resolve("model")).fails("no permission");
  }
}
