package io.github.vit4j.examples;

import io.github.vit4j.spi.Availability;
import io.github.vit4j.spi.BackendProvider;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.SessionInfo;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.spi.ViTSession;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/** Leaves the work to another backend, and counts how often and how long it runs. */
final class TimedBackend implements BackendProvider {
  private final BackendProvider engine;
  private final LongAdder runs = new LongAdder();
  private final LongAdder nanos = new LongAdder();

  TimedBackend(BackendProvider engine) {
    this.engine = engine;
  }

  long runs() {
    return runs.sum();
  }

  Duration spent() {
    return Duration.ofNanos(nanos.sum());
  }

  @Override
  public String name() {
    return "timed-" + engine.name();
  }

  @Override
  public Availability availability() {
    return engine.availability();
  }

  @Override
  public ViTSession open(ModelDefinition model, SessionOptions options) {
    return new TimedSession(engine.open(model, options));
  }

  private final class TimedSession implements ViTSession {
    private final ViTSession session;

    TimedSession(ViTSession session) {
      this.session = session;
    }

    @Override
    public ViTOutputs run(ViTInputs inputs) {
      long begun = System.nanoTime();
      try {
        return session.run(inputs);
      } finally {
        nanos.add(System.nanoTime() - begun);
        runs.increment();
      }
    }

    @Override
    public SessionInfo info() {
      SessionInfo info = session.info();
      return new SessionInfo(
          name(), info.version(), info.device(), info.precision(), info.threads());
    }

    @Override
    public void close() {
      session.close();
    }
  }
}
