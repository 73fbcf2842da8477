package io.github.vit4j;

import io.github.vit4j.error.ModelNotFoundException;
import io.github.vit4j.hub.HubClient;
import io.github.vit4j.hub.ModelFiles;
import io.github.vit4j.runtime.BackendRegistry;
import io.github.vit4j.runtime.BackendRequest;
import io.github.vit4j.spi.Precision;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a model is loaded. Immutable; start from {@link #defaults()} and change what matters.
 *
 * @param backend a backend's name, or {@code auto}. By default the system property {@code
 *     vit4j.backend}, else the environment variable {@code VIT4J_BACKEND}, else {@code auto}
 * @param device a device's name as {@code ./vit backends} lists it, or {@code auto}. By default
 *     {@code vit4j.device} or {@code VIT4J_DEVICE} in the same way
 * @param precision the arithmetic; single precision by default
 * @param threads threads per run on the processor; 0, the default, lets the backend choose
 * @param allowSpinning whether idle threads may wait busily for long, between runs too; off by
 *     default, because it slows down everything else on a busy machine
 * @param addPoolingLayer for {@link ViTModel}: true demands a pooler, false leaves it out, empty
 *     (the default) takes it when the checkpoint has it
 * @param initializeMissing a seed with which parameters that the checkpoint lacks are initialised
 *     randomly; empty, the default, makes them an error
 * @param registry the backends to choose from; those on the class path by default
 * @param revision the branch, tag or commit of a model on the hub; empty, the default, means the
 *     one in its id ({@code NAMESPACE/NAME@REVISION}), else {@code main}
 * @param hub asks the hub; by default one with the settings of the environment
 */
public record LoadOptions(
    String backend,
    String device,
    Precision precision,
    int threads,
    boolean allowSpinning,
    Optional<Boolean> addPoolingLayer,
    OptionalLong initializeMissing,
    Optional<BackendRegistry> registry,
    Optional<String> revision,
    Optional<HubClient> hub) {
  /** Checks that the number of threads is not negative. */
  public LoadOptions {
    if (threads < 0) {
      throw new IllegalArgumentException("threads must not be negative, got " + threads);
    }
  }

  /** {@return the defaults, with backend and device from the environment} */
  public static LoadOptions defaults() {
    return new LoadOptions(
        setting("backend"),
        setting("device"),
        Precision.FP32,
        0,
        false,
        Optional.empty(),
        OptionalLong.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static String setting(String name) {
    String property = System.getProperty("vit4j." + name);
    String value =
        property != null
            ? property
            : System.getenv("VIT4J_" + name.toUpperCase(java.util.Locale.ROOT));
    return value == null || value.isBlank() ? BackendRequest.AUTO : value.strip();
  }

  /**
   * {@return these options with another backend}
   *
   * @param value a backend's name, or {@code auto}
   */
  public LoadOptions withBackend(String value) {
    return new LoadOptions(
        value,
        device,
        precision,
        threads,
        allowSpinning,
        addPoolingLayer,
        initializeMissing,
        registry,
        revision,
        hub);
  }

  /**
   * {@return these options with another device}
   *
   * @param value a device's name, or {@code auto}
   */
  public LoadOptions withDevice(String value) {
    return new LoadOptions(
        backend,
        value,
        precision,
        threads,
        allowSpinning,
        addPoolingLayer,
        initializeMissing,
        registry,
        revision,
        hub);
  }

  /**
   * {@return these options with another precision}
   *
   * @param value the arithmetic
   */
  public LoadOptions withPrecision(Precision value) {
    return new LoadOptions(
        backend,
        device,
        value,
        threads,
        allowSpinning,
        addPoolingLayer,
        initializeMissing,
        registry,
        revision,
        hub);
  }

  /**
   * {@return these options with another number of threads per run}
   *
   * @param value 0 lets the backend choose
   * @throws IllegalArgumentException if {@code value} is negative
   */
  public LoadOptions withThreads(int value) {
    return new LoadOptions(
        backend,
        device,
        precision,
        value,
        allowSpinning,
        addPoolingLayer,
        initializeMissing,
        registry,
        revision,
        hub);
  }

  /**
   * {@return these options with busily waiting threads, or without}
   *
   * @param value whether idle threads may wait busily
   */
  public LoadOptions withAllowSpinning(boolean value) {
    return new LoadOptions(
        backend,
        device,
        precision,
        threads,
        value,
        addPoolingLayer,
        initializeMissing,
        registry,
        revision,
        hub);
  }

  /**
   * {@return these options with a pooler demanded or left out}
   *
   * @param value true demands a pooler, false leaves it out
   */
  public LoadOptions withAddPoolingLayer(boolean value) {
    return new LoadOptions(
        backend,
        device,
        precision,
        threads,
        allowSpinning,
        Optional.of(value),
        initializeMissing,
        registry,
        revision,
        hub);
  }

  /**
   * {@return these options with missing parameters initialised randomly}
   *
   * @param seed the same seed gives the same parameters everywhere
   */
  public LoadOptions withInitializeMissing(long seed) {
    return new LoadOptions(
        backend,
        device,
        precision,
        threads,
        allowSpinning,
        addPoolingLayer,
        OptionalLong.of(seed),
        registry,
        revision,
        hub);
  }

  /**
   * {@return these options choosing from other backends}
   *
   * @param value the backends to choose from
   */
  public LoadOptions withRegistry(BackendRegistry value) {
    return new LoadOptions(
        backend,
        device,
        precision,
        threads,
        allowSpinning,
        addPoolingLayer,
        initializeMissing,
        Optional.of(value),
        revision,
        hub);
  }

  /**
   * {@return these options with another revision of a model on the hub}
   *
   * @param value a branch, a tag or a commit
   */
  public LoadOptions withRevision(String value) {
    return new LoadOptions(
        backend,
        device,
        precision,
        threads,
        allowSpinning,
        addPoolingLayer,
        initializeMissing,
        registry,
        Optional.of(value),
        hub);
  }

  /**
   * {@return these options with another client for models on the hub}
   *
   * @param value in place of one with the settings of the environment
   */
  public LoadOptions withHub(HubClient value) {
    return new LoadOptions(
        backend,
        device,
        precision,
        threads,
        allowSpinning,
        addPoolingLayer,
        initializeMissing,
        registry,
        revision,
        Optional.of(value));
  }

  /**
   * {@return the files of the model of that name, as {@link ModelFiles#resolve(String)} finds them,
   * with the revision and the client of these options}
   *
   * @param model a directory in HuggingFace's form, the id of a model on the hub, or {@code
   *     builtin:NAME}
   * @throws ModelNotFoundException if it can be no model's name
   */
  public ModelFiles resolve(String model) {
    return ModelFiles.resolve(model, revision, () -> hub.orElseGet(HubClient::fromEnvironment));
  }
}
