package io.github.vit4j.backend.onnx;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.ModelSource;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.Checkpoint;
import io.github.vit4j.weights.ModelWeights;
import io.github.vit4j.weights.Weight;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A model of {@code src/test/resources/cases} and what transformers computes from it. */
record ReferenceCase(Path directory) {
  static List<ReferenceCase> all() {
    URL url = Objects.requireNonNull(ReferenceCase.class.getResource("/cases"), "no /cases");
    try (Stream<Path> directories = Files.list(Path.of(url.toURI()))) {
      return directories.sorted().map(ReferenceCase::new).toList();
    } catch (IOException | URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  static ReferenceCase of(String name) {
    return all().stream()
        .filter(c -> c.toString().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no case " + name));
  }

  ModelDefinition model() {
    ViTConfig config = ViTConfig.fromPretrained(directory);
    Architecture architecture = architecture(config);
    Map<String, Weight> weights =
        ModelWeights.resolve(
            Checkpoint.open(directory),
            config,
            architecture,
            Optional.empty(),
            OptionalLong.empty());
    return new ModelDefinition(config, architecture, new ModelSource.Weights(weights));
  }

  /** The same model with every weight in memory only. */
  ModelDefinition modelInMemory() {
    ModelDefinition model = model();
    Map<String, Weight> copies = new LinkedHashMap<>();
    ((ModelSource.Weights) model.source())
        .byName()
        .forEach(
            (name, weight) ->
                copies.put(
                    name,
                    Weight.of(
                        name, Tensor.of(weight.tensor().toFloatArray(), weight.tensor().shape()))));
    return new ModelDefinition(
        model.config(), model.architecture(), new ModelSource.Weights(copies));
  }

  private static Architecture architecture(ViTConfig config) {
    JsonNode names = Objects.requireNonNull(config.additionalFields().get("architectures"));
    return Architecture.ofClassName(names.get(0).asString()).orElseThrow();
  }

  List<Run> runs() {
    Checkpoint checkpoint = Checkpoint.open(directory.resolve("runs.safetensors"));
    List<Run> runs = new ArrayList<>();
    checkpoint
        .metadata()
        .forEach((name, json) -> runs.add(run(checkpoint, name, new JsonMapper().readTree(json))));
    return runs;
  }

  private static Run run(Checkpoint checkpoint, String name, JsonNode json) {
    Set<Output> outputs = EnumSet.noneOf(Output.class);
    json.get("outputs")
        .forEach(o -> outputs.add(Output.valueOf(o.asString().toUpperCase(Locale.ROOT))));
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (String tensor : checkpoint.names()) {
      if (tensor.startsWith(name + "/")) {
        tensors.put(
            tensor.substring(name.length() + 1),
            Objects.requireNonNull(checkpoint.get(tensor)).tensor());
      }
    }
    Tensor pixelValues = Objects.requireNonNull(tensors.remove("pixel_values"));
    Tensor mask = tensors.remove("bool_masked_pos");
    return new Run(
        name,
        new ViTInputs(pixelValues, mask, json.get("interpolate_pos_encoding").asBoolean(), outputs),
        tensors);
  }

  @Override
  public String toString() {
    return directory.getFileName().toString();
  }

  /**
   * One run.
   *
   * @param expected by name, with hidden states and attentions as {@code hidden_states.N}
   */
  record Run(String name, ViTInputs inputs, Map<String, Tensor> expected) {
    /** What was computed, by the names of {@link #expected}. */
    static Map<String, Tensor> byName(ViTOutputs outputs) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      put(tensors, "logits", outputs.logits());
      put(tensors, "last_hidden_state", outputs.lastHiddenState());
      put(tensors, "pooler_output", outputs.poolerOutput());
      put(tensors, "reconstruction", outputs.reconstruction());
      for (int i = 0; i < outputs.hiddenStates().size(); i++) {
        put(tensors, "hidden_states." + i, outputs.hiddenStates().get(i));
      }
      for (int i = 0; i < outputs.attentions().size(); i++) {
        put(tensors, "attentions." + i, outputs.attentions().get(i));
      }
      return tensors;
    }

    private static void put(Map<String, Tensor> tensors, String name, @Nullable Tensor tensor) {
      if (tensor != null) {
        tensors.put(name, tensor);
      }
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** The largest difference, as a share of the largest magnitude that is expected. */
  static double relativeError(Tensor actual, Tensor expected) {
    double difference = 0;
    double magnitude = 0;
    for (long i = 0; i < expected.elementCount(); i++) {
      double error = Math.abs((double) actual.getFloat(i) - expected.getFloat(i));
      if (!(error <= Double.MAX_VALUE)) {
        return Double.POSITIVE_INFINITY;
      }
      difference = Math.max(difference, error);
      magnitude = Math.max(magnitude, Math.abs(expected.getFloat(i)));
    }
    return difference / magnitude;
  }
}
