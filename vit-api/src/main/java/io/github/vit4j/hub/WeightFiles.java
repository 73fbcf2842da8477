package io.github.vit4j.hub;

import io.github.vit4j.config.Json;
import io.github.vit4j.error.HubException;
import io.github.vit4j.error.OneLine;
import io.github.vit4j.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Which files of a repository hold a model's weights: safetensors, else shards of it, else
 * PyTorch's pickle, else shards of that, else an ONNX export.
 */
final class WeightFiles {
  private static final String PICKLE = "pytorch_model.bin";
  private static final String INDEX = ".index.json";
  private static final int MAX_SHARDS = 10_000;

  private static final List<String> CHECKPOINTS =
      List.of(Checkpoint.FILE_NAME, Checkpoint.INDEX_FILE_NAME, PICKLE, PICKLE + INDEX);
  private static final List<String> EXPORTS = List.of("model.onnx", "onnx/model.onnx");

  /** Forms of weights that are known and not read, for messages. */
  private static final List<String> OTHERS =
      List.of("tf_model.h5", "flax_model.msgpack", "model.ckpt", "open_clip_pytorch_model.bin");

  private WeightFiles() {}

  /**
   * The names of the files; the index of shards is downloaded to read them.
   *
   * @throws HubException NOT_FOUND if there are none
   */
  static List<String> of(HubRevision revision) {
    for (String file : revision.isReachable() ? CHECKPOINTS : all()) {
      if (revision.holds(file) && isComplete(revision, file)) {
        // The commit's files never change, so there is nothing to ask the hub.
        return files(revision, file, Optional.empty());
      }
    }
    Optional<Set<String>> names = revision.files();
    for (String file : all()) {
      boolean there =
          names.isPresent() ? names.get().contains(file) : revision.find(file).isPresent();
      if (there) {
        return files(revision, file, names);
      }
    }
    String others =
        String.join(
            ", ", OTHERS.stream().filter(name -> names.orElse(Set.of()).contains(name)).toList());
    throw new HubException(
        HubException.Reason.NOT_FOUND,
        "%s has no weights that are read: neither %s nor %s%s"
            .formatted(
                revision.name(),
                String.join(" nor ", CHECKPOINTS),
                String.join(" nor ", EXPORTS),
                others.isEmpty()
                    ? "; choose another model"
                    : "; convert its " + others + " with HuggingFace's transformers"));
  }

  private static List<String> all() {
    List<String> all = new ArrayList<>(CHECKPOINTS);
    all.addAll(EXPORTS);
    return all;
  }

  private static boolean isComplete(HubRevision revision, String file) {
    return !file.endsWith(INDEX) || shards(revision, file).stream().allMatch(revision::holds);
  }

  private static List<String> files(
      HubRevision revision, String file, Optional<Set<String>> names) {
    List<String> files = new ArrayList<>();
    files.add(file);
    if (file.endsWith(INDEX)) {
      files.addAll(shards(revision, file));
    } else if (EXPORTS.contains(file)) {
      // Weights beside the graph: model.onnx_data, model.onnx.data and the like.
      names.orElse(Set.of()).stream()
          .filter(name -> name.startsWith(file) && !name.equals(file))
          .sorted()
          .forEach(files::add);
    }
    return files;
  }

  /** The files that an index names. */
  private static Set<String> shards(HubRevision revision, String index) {
    Path file = revision.get(index);
    JsonNode weightMap;
    try {
      weightMap = Json.readObject(file).get("weight_map");
    } catch (IOException e) {
      throw new HubException(
          HubException.Reason.BAD_ANSWER,
          "%s of %s is no list of shards: %s".formatted(index, revision.name(), OneLine.reason(e)),
          e);
    }
    if (weightMap == null || !weightMap.isObject()) {
      throw new HubException(
          HubException.Reason.BAD_ANSWER,
          "%s of %s has no weight_map that says which shard holds which tensor"
              .formatted(index, revision.name()));
    }
    String end = index.startsWith(PICKLE) ? ".bin" : ".safetensors";
    Set<String> shards = new TreeSet<>();
    for (Map.Entry<String, JsonNode> entry : weightMap.properties()) {
      @Nullable JsonNode value = entry.getValue();
      String shard = value.isString() ? value.stringValue() : "";
      if (!shard.endsWith(end) || shard.contains("/") || !HubNames.isPlain(shard)) {
        throw new HubException(
            HubException.Reason.BAD_ANSWER,
            "%s of %s names the shard %s; expected a %s file beside it"
                .formatted(index, revision.name(), OneLine.of(value.toString(), 100), end));
      }
      shards.add(shard);
    }
    if (shards.isEmpty() || shards.size() > MAX_SHARDS) {
      throw new HubException(
          HubException.Reason.BAD_ANSWER,
          "%s of %s names %d shards; expected 1 to %d"
              .formatted(index, revision.name(), shards.size(), MAX_SHARDS));
    }
    return shards;
  }
}
