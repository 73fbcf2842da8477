package io.github.vit4j.conformance.faults;

import io.github.vit4j.conformance.Requirement;
import io.github.vit4j.error.BackendException;
import io.github.vit4j.spi.Availability;
import io.github.vit4j.spi.BackendProvider;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.SessionInfo;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.spi.ViTSession;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Backends that do not say what they are, or do not do what was chosen. */
final class WrongDiscovery {
  private WrongDiscovery() {}

  static List<Fault> all() {
    AtomicInteger calls = new AtomicInteger();
    return List.of(
        new Fault(
            "no line for ServiceLoader",
            Requirement.SERVICE_LOADER,
            named(() -> "without-metadata")),
        new Fault("a name with spaces", Requirement.NAME, named(() -> "My Backend")),
        new Fault(
            "a name that changes",
            Requirement.NAME,
            named(() -> "reference-" + calls.getAndIncrement())),
        new Fault(
            "availability that throws",
            Requirement.AVAILABILITY,
            available(
                () -> {
                  throw new UnsatisfiedLinkError("libengine.so: not found");
                }),
            "threw UnsatisfiedLinkError"),
        new Fault(
            "two lines why it is not available",
            Requirement.AVAILABILITY,
            available(() -> new Availability.Unavailable("no engine\n\tat Engine.java:1")),
            "no reason of one line"),
        new Fault(
            "another device in silence",
            Requirement.UNKNOWN_DEVICE,
            new AlteredBackend(
                (model, options) -> open(model, "cpu", options.precision(), options))),
        new Fault(
            "an error that does not name the devices",
            Requirement.UNKNOWN_DEVICE,
            refusing(options -> "no such device")),
        new Fault(
            "an error of two lines",
            Requirement.UNKNOWN_DEVICE,
            refusing(options -> "no device " + options.device() + "\n\tthere is: cpu, in float32")),
        new Fault(
            "another precision in silence",
            Requirement.UNSUPPORTED_PRECISION,
            new AlteredBackend(
                (model, options) -> open(model, options.device(), Precision.FP32, options))),
        new Fault(
            "another device reported",
            Requirement.TRUE_INFO,
            informing(
                info ->
                    new SessionInfo(
                        info.backend(),
                        info.version(),
                        "cuda:0",
                        info.precision(),
                        info.threads())),
            "on cuda:0"),
        new Fault(
            "another precision reported",
            Requirement.TRUE_INFO,
            informing(
                info ->
                    new SessionInfo(
                        info.backend(),
                        info.version(),
                        info.device(),
                        Precision.BF16,
                        info.threads())),
            "bfloat16"),
        new Fault(
            "the number of threads ignored",
            Requirement.THREADS,
            new AlteredBackend(
                (model, options) ->
                    AlteredBackend.CORRECT.open(
                        model,
                        new SessionOptions(options.device(), options.precision(), 1, false)))),
        new Fault(
            "a file written when the class is loaded",
            Requirement.QUIET_LOADING,
            new WritingBackend()),
        new Fault(
            "a native library loaded with the class",
            Requirement.QUIET_LOADING,
            new NativeBackend()),
        new Fault(
            "a connection opened when the class is loaded",
            Requirement.QUIET_LOADING,
            new ConnectingBackend()));
  }

  private static ViTSession open(
      ModelDefinition model, String device, Precision precision, SessionOptions options) {
    return AlteredBackend.CORRECT.open(
        model, new SessionOptions(device, precision, options.threads(), options.allowSpinning()));
  }

  private static BackendProvider refusing(Function<SessionOptions, String> message) {
    return new AlteredBackend(
        (model, options) -> {
          if (!options.device().equals("cpu")) {
            throw new BackendException(message.apply(options));
          }
          return AlteredBackend.CORRECT.open(model, options);
        });
  }

  private static BackendProvider informing(UnaryOperator<SessionInfo> edit) {
    return AlteredBackend.ofSessions((model, correct) -> new Informing(correct, edit));
  }

  /** A session that reports something else. */
  private record Informing(ViTSession correct, UnaryOperator<SessionInfo> edit)
      implements ViTSession {
    @Override
    public ViTOutputs run(ViTInputs inputs) {
      return correct.run(inputs);
    }

    @Override
    public SessionInfo info() {
      return edit.apply(correct.info());
    }

    @Override
    public void close() {
      correct.close();
    }
  }

  private static BackendProvider named(Supplier<String> name) {
    return new Described(name, AlteredBackend.CORRECT::availability);
  }

  private static BackendProvider available(Supplier<Availability> availability) {
    return new Described(AlteredBackend.CORRECT::name, availability);
  }

  /** A backend that says something else of itself. */
  private record Described(Supplier<String> called, Supplier<Availability> available)
      implements BackendProvider {
    @Override
    public String name() {
      return called.get();
    }

    @Override
    public Availability availability() {
      return available.get();
    }

    @Override
    public ViTSession open(ModelDefinition model, SessionOptions options) {
      return AlteredBackend.CORRECT.open(model, options);
    }
  }
}
