package io.github.vit4j.hub;

import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.HubException;
import io.github.vit4j.weights.Checkpoint;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** A model on the hub: each file is downloaded when it is needed, all of them from one commit. */
record HubModel(HubRevision revision) implements ModelFiles {
  @Override
  public String name() {
    return revision.name();
  }

  private ModelDirectory directory() {
    return new ModelDirectory(revision.snapshot());
  }

  @Override
  public ViTConfig config() {
    try {
      Path _ = revision.get(ViTConfig.FILE_NAME);
    } catch (HubException e) {
      // Perhaps a directory was meant.
      throw new HubException(
          e.reason(),
          "there is no directory '%s', and on the hub: %s".formatted(name(), e.getMessage()),
          e);
    }
    return directory().config();
  }

  @Override
  public Optional<ObjectNode> preprocessorConfig() {
    return revision.find(PREPROCESSOR_CONFIG).flatMap(file -> directory().preprocessorConfig());
  }

  @Override
  public Optional<Checkpoint> checkpoint() {
    fetchWeights();
    return directory().checkpoint();
  }

  @Override
  public Optional<Path> exportedOnnx() {
    fetchWeights();
    return directory().exportedOnnx();
  }

  private void fetchWeights() {
    List<String> files = WeightFiles.of(revision);
    revision.getAll(files);
  }

  @Override
  public String toString() {
    return name();
  }
}
