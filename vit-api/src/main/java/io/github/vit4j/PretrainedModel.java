package io.github.vit4j;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.CheckpointException;
import io.github.vit4j.error.ModelNotFoundException;
import io.github.vit4j.hub.ModelFiles;
import io.github.vit4j.hub.ModelWriter;
import io.github.vit4j.runtime.BackendRegistry;
import io.github.vit4j.runtime.BackendRequest;
import io.github.vit4j.runtime.OpenedBackend;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.ModelSource;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.SessionInfo;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.Checkpoint;
import io.github.vit4j.weights.ModelWeights;
import io.github.vit4j.weights.ParameterNames;
import io.github.vit4j.weights.RandomWeights;
import io.github.vit4j.weights.Weight;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the three model classes share: a definition, and a session on some backend. */
final class PretrainedModel implements AutoCloseable {
  private final ModelDefinition definition;
  private final OpenedBackend backend;

  private PretrainedModel(ModelDefinition definition, LoadOptions options) {
    this.definition = definition;
    BackendRegistry registry = options.registry().orElseGet(BackendRegistry::installed);
    this.backend =
        registry.open(
            definition,
            new BackendRequest(options.backend(), options.device(), options.precision()),
            options.threads(),
            options.allowSpinning());
  }

  static PretrainedModel load(ModelFiles files, Architecture architecture, LoadOptions options) {
    ViTConfig config = files.config();
    Optional<Checkpoint> checkpoint = files.checkpoint();
    ModelSource source =
        checkpoint.isPresent()
            ? new ModelSource.Weights(
                ModelWeights.resolve(
                    checkpoint.get(),
                    config,
                    architecture,
                    options.addPoolingLayer(),
                    options.initializeMissing()))
            : new ModelSource.ExportedOnnx(
                files
                    .exportedOnnx()
                    .orElseThrow(
                        () ->
                            new ModelNotFoundException(
                                "%s holds no weights".formatted(files.name()))));
    return new PretrainedModel(new ModelDefinition(config, architecture, source), options);
  }

  static PretrainedModel random(
      ViTConfig config, Architecture architecture, long seed, LoadOptions options) {
    ModelSource source =
        new ModelSource.Weights(
            RandomWeights.create(
                config, architecture, options.addPoolingLayer().orElse(true), seed));
    return new PretrainedModel(new ModelDefinition(config, architecture, source), options);
  }

  ModelDefinition definition() {
    return definition;
  }

  ViTConfig config() {
    return definition.config();
  }

  SessionInfo info() {
    return backend.session().info();
  }

  String backendReason() {
    return backend.choice().reason();
  }

  ViTInputs inputs(
      Tensor pixelValues,
      @Nullable Tensor boolMaskedPos,
      ForwardOptions options,
      Output... outputs) {
    Set<Output> wanted = EnumSet.noneOf(Output.class);
    wanted.addAll(Set.of(outputs));
    if (options.outputHiddenStates()) {
      wanted.add(Output.HIDDEN_STATES);
    }
    if (options.outputAttentions()) {
      wanted.add(Output.ATTENTIONS);
    }
    return new ViTInputs(pixelValues, boolMaskedPos, options.interpolatePosEncoding(), wanted);
  }

  ViTOutputs run(ViTInputs inputs) {
    inputs.checkAgainst(definition);
    return backend.session().run(inputs);
  }

  /** An output that was asked for; a backend that leaves it out breaks its contract. */
  static Tensor delivered(@Nullable Tensor tensor, Output output) {
    if (tensor == null) {
      throw new IllegalStateException("the backend did not deliver " + output);
    }
    return tensor;
  }

  void savePretrained(Path directory) {
    switch (definition.source()) {
      case ModelSource.Weights weights ->
          ModelWriter.write(
              directory, definition.config(), definition.architecture(), saved(weights.byName()));
      case ModelSource.ExportedOnnx exported ->
          throw new CheckpointException(
              "%s is an exported graph and cannot be saved as weights; copy its directory instead"
                  .formatted(exported.file()));
    }
  }

  /** HuggingFace's ViTModel has no mask token unless it is told so, and would complain of one. */
  private Map<String, Weight> saved(Map<String, Weight> weights) {
    Map<String, Weight> saved = new LinkedHashMap<>(weights);
    if (definition.architecture() == Architecture.VIT_MODEL) {
      saved.remove(ParameterNames.MASK_TOKEN);
    }
    return saved;
  }

  @Override
  public void close() {
    backend.session().close();
  }
}
