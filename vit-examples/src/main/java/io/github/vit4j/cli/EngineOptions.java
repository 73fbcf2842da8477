package io.github.vit4j.cli;

import io.github.vit4j.LoadOptions;
import io.github.vit4j.error.ViTException;
import io.github.vit4j.runtime.BackendRequest;
import io.github.vit4j.spi.Precision;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** What to run on. */
final class EngineOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      description = "The engine, as './vit backends' lists it, or auto. Default: auto.")
  private @Nullable String backend;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      description = "The engine's device, for example cpu or cuda, or auto. Default: auto.")
  private @Nullable String device;

  @Option(
      names = "--precision",
      paramLabel = "NAME",
      converter = PrecisionConverter.class,
      description =
          "The arithmetic: float32, float16, bfloat16, int8, or auto, which is float32. Default: auto.")
  private @Nullable Precision precision;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Processor threads; 0, the default, lets the engine choose.")
  private int threads;

  /** The options for loading a model. */
  LoadOptions loadOptions() {
    if (threads < 0) {
      throw new ParameterException(
          spec.commandLine(), "--threads must not be negative, got " + threads);
    }
    LoadOptions defaults = LoadOptions.defaults();
    return defaults
        .withBackend(backend == null ? defaults.backend() : backend)
        .withDevice(device == null ? defaults.device() : device)
        .withPrecision(precision == null ? defaults.precision() : precision)
        .withThreads(threads);
  }

  /** Whether anything was asked for by an option. */
  boolean given() {
    return backend != null || device != null || precision != null;
  }

  /** Names of precisions, or auto. */
  static final class PrecisionConverter implements ITypeConverter<Precision> {
    @Override
    public Precision convert(String value) {
      if (value.equals(BackendRequest.AUTO)) {
        return LoadOptions.defaults().precision();
      }
      try {
        return Precision.ofName(value);
      } catch (ViTException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
