package io.github.vit4j.cli;

import io.github.vit4j.LoadOptions;
import io.github.vit4j.pipeline.StreamOptions;
import io.github.vit4j.runtime.BackendRegistry;
import io.github.vit4j.runtime.BackendRequest;
import io.github.vit4j.spi.ProcessorCores;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How the processor is shared out when there are many images. */
final class ThroughputOptions {
  /** Each takes memory for a batch's activations. */
  private static final int MOST_CALLERS = 8;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--callers",
      paramLabel = "N",
      description =
          "How many batches are computed at once. Default: as many as keep all cores busy with --threads each;"
              + " with many images, --threads 1 where the engine computes batches side by side.")
  private int callers;

  private void check() {
    if (callers < 0 || callers > StreamOptions.MAX_THREADS) {
      throw new ParameterException(
          spec.commandLine(),
          "--callers must be from 0, which lets vit choose, to %d, got %d"
              .formatted(StreamOptions.MAX_THREADS, callers));
    }
  }

  /** The options for loading a model that so many images go through. */
  LoadOptions loadOptions(EngineOptions engine, int images, int batchSize) {
    check();
    LoadOptions options = engine.loadOptions();
    if (options.threads() > 0) {
      return options;
    }
    int cores = ProcessorCores.available();
    if (callers > 0) {
      return options.withThreads(Math.max(1, cores / callers));
    }
    int most = Math.min(cores, MOST_CALLERS);
    // With fewer images, some cores would have nothing to do.
    boolean many = images >= (long) most * batchSize;
    return many && runsSideBySide(options)
        ? options.withThreads(Math.ceilDiv(cores, most))
        : options;
  }

  private static boolean runsSideBySide(LoadOptions options) {
    return options
        .registry()
        .orElseGet(BackendRegistry::installed)
        .choose(new BackendRequest(options.backend(), options.device(), options.precision()))
        .provider()
        .runsSideBySide();
  }

  /** How the images are worked on. */
  StreamOptions streamOptions(int batchSize) {
    check();
    return StreamOptions.defaults()
        .withBatchSize(Math.min(batchSize, StreamOptions.MAX_BATCH_SIZE))
        .withCallers(callers);
  }
}
