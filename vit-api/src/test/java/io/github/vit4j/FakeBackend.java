package io.github.vit4j;

import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.spi.Availability;
import io.github.vit4j.spi.BackendProvider;
import io.github.vit4j.spi.Device;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.SessionInfo;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A backend for tests of what lies around backends. It computes nothing of a Vision Transformer:
 * every output is filled with numbers that depend only on the image's first pixel and the position,
 * so that tests can tell rows apart.
 */
public final class FakeBackend implements BackendProvider {
  private final String name;
  private final Availability availability;
  private final @Nullable Throwable openFailure;

  private FakeBackend(String name, Availability availability, @Nullable Throwable openFailure) {
    this.name = name;
    this.availability = availability;
    this.openFailure = openFailure;
  }

  public static FakeBackend onCpu() {
    return with("fake", new Device("cpu", "a processor", Set.of(Precision.FP32)));
  }

  public static FakeBackend with(String name, Device... devices) {
    return new FakeBackend(name, new Availability.Available("Fake 1.0", List.of(devices)), null);
  }

  public static FakeBackend unavailable(String name, String reason) {
    return new FakeBackend(name, new Availability.Unavailable(reason), null);
  }

  public static FakeBackend failingToOpen(String name, String message) {
    Device cpu = new Device("cpu", "a processor", Set.of(Precision.FP32));
    return new FakeBackend(
        name, new Availability.Available("Fake 1.0", List.of(cpu)), new BackendException(message));
  }

  public static FakeBackend failingToLink(String name, String message) {
    Device cpu = new Device("cpu", "a processor", Set.of(Precision.FP32));
    return new FakeBackend(
        name,
        new Availability.Available("Fake 1.0", List.of(cpu)),
        new UnsatisfiedLinkError(message));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Availability availability() {
    return availability;
  }

  @Override
  public ViTSession open(ModelDefinition model, SessionOptions options) {
    switch (openFailure) {
      case null -> {}
      case RuntimeException failure -> throw failure;
      case Error failure -> throw failure;
      default -> throw new IllegalStateException(openFailure);
    }
    return new Session(
        model,
        new SessionInfo(
            name, "Fake 1.0", options.device(), options.precision(), options.threads()));
  }

  /** What the ServiceLoader can create. */
  public static final class Installed implements BackendProvider {
    private final FakeBackend delegate =
        with("installed", new Device("cpu", "a processor", Set.of(Precision.FP32)));

    @Override
    public String name() {
      return delegate.name();
    }

    @Override
    public Availability availability() {
      return delegate.availability();
    }

    @Override
    public ViTSession open(ModelDefinition model, SessionOptions options) {
      return delegate.open(model, options);
    }
  }

  private record Session(ModelDefinition model, SessionInfo info, AtomicBoolean closed)
      implements ViTSession {
    Session(ModelDefinition model, SessionInfo info) {
      this(model, info, new AtomicBoolean());
    }

    @Override
    public ViTOutputs run(ViTInputs inputs) {
      if (closed.get()) {
        throw new IllegalStateException("closed");
      }
      inputs.checkAgainst(model);
      ViTConfig config = model.config();
      long n = inputs.batchSize();
      long tokens = 1L + (long) inputs.patchRows(config) * inputs.patchColumns(config);
      long hidden = config.hiddenSize();
      long stride = config.encoderStride();
      Tensor states = fill(inputs, n, tokens, hidden);
      Set<Output> wanted = inputs.outputs();
      return new ViTOutputs(
          wanted.contains(Output.LOGITS) ? fill(inputs, n, config.numLabels()) : null,
          wanted.contains(Output.LAST_HIDDEN_STATE) ? states : null,
          wanted.contains(Output.POOLER_OUTPUT) ? fill(inputs, n, config.poolerOutputSize()) : null,
          wanted.contains(Output.RECONSTRUCTION)
              ? fill(
                  inputs,
                  n,
                  config.numChannels(),
                  inputs.patchRows(config) * stride,
                  inputs.patchColumns(config) * stride)
              : null,
          wanted.contains(Output.HIDDEN_STATES)
              ? Collections.nCopies(config.numHiddenLayers() + 1, states)
              : List.of(),
          wanted.contains(Output.ATTENTIONS)
              ? Collections.nCopies(
                  config.numHiddenLayers(),
                  fill(inputs, n, config.numAttentionHeads(), tokens, tokens))
              : List.of());
    }

    private static Tensor fill(ViTInputs inputs, long... shape) {
      Tensor tensor = Tensor.allocate(ElementType.FLOAT32, shape);
      long perImage = Arrays.stream(shape).skip(1).reduce(1, (a, b) -> a * b);
      for (long i = 0; i < tensor.elementCount(); i++) {
        float first = inputs.pixelValues().slice(i / perImage).getFloat(0);
        tensor.setFloat(i, first + (i % perImage) * 0.5f);
      }
      return tensor;
    }

    @Override
    public void close() {
      closed.set(true);
    }
  }
}
