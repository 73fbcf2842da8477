package io.github.vit4j.guice;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import com.google.inject.multibindings.Multibinder;
import io.github.vit4j.LoadOptions;
import io.github.vit4j.ViTForImageClassification;
import io.github.vit4j.ViTForMaskedImageModeling;
import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.ViTModel;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.hub.ModelFiles;
import io.github.vit4j.pipeline.ImageClassificationPipeline;
import io.github.vit4j.pipeline.ImageFeatureExtractionPipeline;
import io.github.vit4j.runtime.BackendRegistry;
import io.github.vit4j.spi.BackendProvider;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Binds one model and everything around it: {@link ModelFiles}, {@link ViTConfig}, {@link
 * ViTImageProcessor}, {@link ViTModel}, {@link ViTForImageClassification}, {@link
 * ViTForMaskedImageModeling}, the pipelines, and the {@link BackendRegistry} they choose from. All
 * are singletons, made when first asked for.
 *
 * <p>A backend bound by hand joins those that the ServiceLoader finds, and replaces one of the same
 * name:
 *
 * {@snippet :
 * Multibinder.newSetBinder(binder(), BackendProvider.class).addBinding().to(MyBackendProvider.class);
 * }
 *
 * <p>Guice closes nothing: whoever injects a model or pipeline closes it when the application ends.
 */
public final class ViTModule extends AbstractModule {
  private final String model;
  private final LoadOptions options;

  /**
   * Binds that model with the default options.
   *
   * @param model a directory in HuggingFace's form, the id of a model on the hub, or {@code
   *     builtin:NAME}
   */
  public ViTModule(String model) {
    this(model, LoadOptions.defaults());
  }

  /**
   * Binds that model with options; a registry among them is used as it is.
   *
   * @param model a directory in HuggingFace's form, the id of a model on the hub, or {@code
   *     builtin:NAME}
   * @param options backend, device, precision and what else loading depends on
   */
  public ViTModule(String model, LoadOptions options) {
    this.model = model;
    this.options = options;
  }

  @Override
  protected void configure() {
    Multibinder.newSetBinder(binder(), BackendProvider.class);
  }

  @Provides
  @Singleton
  BackendRegistry backendRegistry(Set<BackendProvider> boundByHand) {
    return options
        .registry()
        .orElseGet(
            () -> {
              Map<String, BackendProvider> byName = new LinkedHashMap<>();
              BackendRegistry.installed().providers().forEach(p -> byName.put(p.name(), p));
              boundByHand.forEach(p -> byName.put(p.name(), p));
              return BackendRegistry.of(byName.values());
            });
  }

  @Provides
  @Singleton
  LoadOptions loadOptions(BackendRegistry registry) {
    return options.withRegistry(registry);
  }

  @Provides
  @Singleton
  ModelFiles modelFiles() {
    return options.resolve(model);
  }

  @Provides
  @Singleton
  ViTConfig config(ModelFiles files) {
    return files.config();
  }

  @Provides
  @Singleton
  ViTImageProcessor imageProcessor(ModelFiles files) {
    return ViTImageProcessor.fromPretrained(files);
  }

  @Provides
  @Singleton
  ViTModel vitModel(ModelFiles files, LoadOptions loadOptions) {
    return ViTModel.fromPretrained(files, loadOptions);
  }

  @Provides
  @Singleton
  ViTForImageClassification imageClassifier(ModelFiles files, LoadOptions loadOptions) {
    return ViTForImageClassification.fromPretrained(files, loadOptions);
  }

  @Provides
  @Singleton
  ViTForMaskedImageModeling maskedImageModel(ModelFiles files, LoadOptions loadOptions) {
    return ViTForMaskedImageModeling.fromPretrained(files, loadOptions);
  }

  @Provides
  @Singleton
  ImageClassificationPipeline imageClassification(
      ViTForImageClassification classifier, ViTImageProcessor processor) {
    return new ImageClassificationPipeline(classifier, processor);
  }

  @Provides
  @Singleton
  ImageFeatureExtractionPipeline featureExtraction(ViTModel encoder, ViTImageProcessor processor) {
    return new ImageFeatureExtractionPipeline(encoder, processor);
  }
}
