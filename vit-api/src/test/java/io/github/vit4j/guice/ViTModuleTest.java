package io.github.vit4j.guice;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.inject.AbstractModule;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.multibindings.Multibinder;
import io.github.vit4j.FakeBackend;
import io.github.vit4j.LoadOptions;
import io.github.vit4j.ViTForImageClassification;
import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.hub.ModelWriter;
import io.github.vit4j.pipeline.ImageClassificationPipeline;
import io.github.vit4j.runtime.BackendRegistry;
import io.github.vit4j.spi.BackendProvider;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.RandomWeights;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ViTModuleTest {
  @TempDir private Path folder;

  @Test
  void injectsOneModelAndWhatBelongsToItWithABackendBoundByHand() throws Exception {
    ViTConfig config =
        ViTConfig.builder()
            .hiddenSize(8)
            .numHiddenLayers(1)
            .numAttentionHeads(2)
            .intermediateSize(16)
            .imageSize(8)
            .patchSize(4)
            .numLabels(3)
            .build();
    Architecture architecture = Architecture.VIT_FOR_IMAGE_CLASSIFICATION;
    ModelWriter.write(
        folder, config, architecture, RandomWeights.create(config, architecture, false, 1));
    Files.writeString(folder.resolve("preprocessor_config.json"), "{\"size\": 8}");

    Injector injector =
        Guice.createInjector(
            new ViTModule(folder.toString(), LoadOptions.defaults().withBackend("by-hand")),
            new AbstractModule() {
              @Override
              protected void configure() {
                BackendProvider byHand =
                    FakeBackend.with(
                        "by-hand",
                        new io.github.vit4j.spi.Device(
                            "cpu",
                            "a processor",
                            java.util.Set.of(io.github.vit4j.spi.Precision.FP32)));
                Multibinder.newSetBinder(binder(), BackendProvider.class)
                    .addBinding()
                    .toInstance(byHand);
              }
            });

    assertThat(injector.getInstance(ViTConfig.class).numLabels()).isEqualTo(3);
    assertThat(injector.getInstance(BackendRegistry.class).find("by-hand")).isPresent();
    try (var model = injector.getInstance(ViTForImageClassification.class)) {
      assertThat(model).isSameAs(injector.getInstance(ViTForImageClassification.class));
      assertThat(model.info().backend()).isEqualTo("by-hand");
      assertThat(injector.getInstance(ImageClassificationPipeline.class).model()).isSameAs(model);
      assertThat(injector.getInstance(ViTImageProcessor.class)).isNotNull();
      assertThat(model.forward(Tensor.allocate(ElementType.FLOAT32, 1, 3, 8, 8)).logits().shape())
          .containsExactly(1, 3);
    }
  }
}
