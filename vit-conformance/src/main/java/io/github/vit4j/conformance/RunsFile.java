package io.github.vit4j.conformance;

import io.github.vit4j.config.Json;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.Checkpoint;
import io.github.vit4j.weights.Weight;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads {@code runs.safetensors}, which {@code reference/make_cases.py} describes. */
final class RunsFile {
  private final Checkpoint checkpoint;

  private RunsFile(Checkpoint checkpoint) {
    this.checkpoint = checkpoint;
  }

  /** The runs in a file. */
  static List<ReferenceRun> read(String name, byte[] bytes) {
    RunsFile file = new RunsFile(Checkpoint.open(name, MemorySegment.ofArray(bytes)));
    String list = Objects.requireNonNull(file.checkpoint.metadata().get("runs"), name);
    JsonNode json;
    try {
      json = Json.readObject(("{\"runs\":" + list + "}").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<ReferenceRun> runs = new ArrayList<>();
    json.get("runs").forEach(run -> runs.add(file.run(run)));
    return List.copyOf(runs);
  }

  private ReferenceRun run(JsonNode json) {
    String name = json.get("name").asString();
    Set<Output> outputs = EnumSet.noneOf(Output.class);
    json.get("outputs")
        .forEach(o -> outputs.add(Output.valueOf(o.asString().toUpperCase(Locale.ROOT))));
    JsonNode seeded = json.get("pixel_values");
    Tensor pixelValues =
        seeded == null
            ? tensor(name + "/pixel_values")
            : new SeededNumbers(seeded.get("seed").asLong(), seeded.get("name").asString())
                .tensor(longs(seeded.get("shape")));
    List<ExpectedTensor> expected = new ArrayList<>();
    json.get("expected").forEach(tensor -> expected.add(expected(tensor)));
    return new ReferenceRun(
        name,
        Requirement.of(json.get("requirement").asString()).orElseThrow(),
        new ViTInputs(
            pixelValues,
            find(name + "/bool_masked_pos"),
            json.get("interpolate_pos_encoding").asBoolean(),
            outputs),
        find(name + "/labels"),
        expected);
  }

  private ExpectedTensor expected(JsonNode json) {
    String key = json.get("key").asString();
    Map<Precision, Double> losses = new EnumMap<>(Precision.class);
    for (Map.Entry<String, JsonNode> loss : json.get("pytorch_loss").properties()) {
      losses.put(Precision.ofName(loss.getKey()), loss.getValue().asDouble());
    }
    return new ExpectedTensor(
        json.get("name").asString(),
        longs(json.get("shape")),
        view(json.get("view")),
        tensor(key + "/float64"),
        find(key + "/float32"),
        losses);
  }

  private static TensorView view(JsonNode json) {
    String kind = json.get("kind").asString();
    return switch (kind) {
      case "whole" -> new TensorView.Whole();
      case "slice" -> new TensorView.Slice(list(json.get("begin")), list(json.get("length")));
      case "projections" ->
          new TensorView.Projections(json.get("seed").asLong(), json.get("count").asInt());
      default -> throw new IllegalStateException("unknown view " + kind);
    };
  }

  private static List<Long> list(JsonNode json) {
    List<Long> list = new ArrayList<>();
    json.forEach(number -> list.add(number.asLong()));
    return list;
  }

  private static long[] longs(JsonNode json) {
    return list(json).stream().mapToLong(Long::longValue).toArray();
  }

  private Tensor tensor(String name) {
    return Objects.requireNonNull(find(name), name);
  }

  private @Nullable Tensor find(String name) {
    Weight weight = checkpoint.get(name);
    return weight == null ? null : weight.tensor();
  }
}
