package io.github.vit4j.examples;

import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.multibindings.Multibinder;
import io.github.vit4j.LoadOptions;
import io.github.vit4j.ViTForImageClassification;
import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.guice.ViTModule;
import io.github.vit4j.image.ImageReader;
import io.github.vit4j.pictures.SamplePhotos;
import io.github.vit4j.runtime.BackendRegistry;
import io.github.vit4j.runtime.BackendRequest;
import io.github.vit4j.spi.BackendProvider;
import io.github.vit4j.tensor.Tensor;
import jakarta.inject.Inject;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;

/**
 * A model from a Guice injector, on a backend that is bound by hand. Arguments: [PHOTO [MODEL]].
 */
public final class GuiceInjection {
  private final ViTImageProcessor processor;
  private final ViTForImageClassification model;

  /** Gets what {@link ViTModule} binds. */
  @Inject
  GuiceInjection(ViTImageProcessor processor, ViTForImageClassification model) {
    this.processor = processor;
    this.model = model;
  }

  /** The label of the highest logit. */
  String label(Path photo) {
    Tensor pixelValues =
        processor.preprocess(
            Arena.ofAuto(), List.of(ImageReader.create().read(photo)), model.config());
    float[] logits = model.forward(pixelValues).logits().toFloatArray();
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      best = logits[i] > logits[best] ? i : best;
    }
    return model.config().label(best);
  }

  /** With the engine that VIT4J_BACKEND names behind the bound backend. */
  public static void main(String... args) {
    run(LoadOptions.defaults(), Path.of("pictures"), args);
  }

  /** Prints the label, what computed it, and how often and how long it ran. */
  public static String run(LoadOptions options, Path noPictures, String... args) {
    Path photo = args.length > 0 ? Path.of(args[0]) : SamplePhotos.chelsea();
    String model = args.length > 1 ? args[1] : "builtin:vit-tiny-cifar10";

    BackendRequest request =
        new BackendRequest(options.backend(), options.device(), options.precision());
    BackendProvider engine = BackendRegistry.installed().choose(request).provider();
    TimedBackend timed = new TimedBackend(engine);
    Injector injector =
        Guice.createInjector(
            new ViTModule(model, options.withBackend(timed.name())),
            binder ->
                Multibinder.newSetBinder(binder, BackendProvider.class)
                    .addBinding()
                    .toInstance(timed));

    GuiceInjection application = injector.getInstance(GuiceInjection.class);
    try (var injected = injector.getInstance(ViTForImageClassification.class)) {
      String label = application.label(photo);
      System.out.println(label + ", says " + injected.info());
      System.out.println(timed.runs() + " run of " + timed.spent().toMillis() + " ms");
      return label;
    }
  }
}
