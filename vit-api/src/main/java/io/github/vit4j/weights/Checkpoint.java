package io.github.vit4j.weights;

import io.github.vit4j.config.Json;
import io.github.vit4j.error.CheckpointException;
import io.github.vit4j.error.ModelNotFoundException;
import io.github.vit4j.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The tensors of a checkpoint by the names they are stored under.
 *
 * <p>Files are mapped into memory, so that opening reads no more than the header and a tensor's
 * bytes are read when they are used; only what torch wrote out of order or unaligned (as its form
 * of before 1.6 is) is copied. There is nothing to close: the garbage collector releases a mapping
 * some time after the last tensor from it. A file must not be truncated while it is in use;
 * replacing it by a rename, as {@link Safetensors#write} does, is safe.
 *
 * <p>Immutable and thread-safe.
 */
public final class Checkpoint {
  /** The file name of a checkpoint in one file. */
  public static final String FILE_NAME = "model.safetensors";

  /** The file name of the list of a checkpoint's shards. */
  public static final String INDEX_FILE_NAME = "model.safetensors.index.json";

  /** The file name of a checkpoint in one file, as torch writes it. */
  public static final String TORCH_FILE_NAME = "pytorch_model.bin";

  /** The file name of the list of a checkpoint's shards, as torch writes them. */
  public static final String TORCH_INDEX_FILE_NAME = "pytorch_model.bin.index.json";

  /** In the order of preference. */
  private static final List<String> FILE_NAMES =
      List.of(FILE_NAME, INDEX_FILE_NAME, TORCH_FILE_NAME, TORCH_INDEX_FILE_NAME);

  private static final String INDEX_SUFFIX = ".index.json";
  private static final String SAFETENSORS_SUFFIX = ".safetensors";
  private static final List<String> TORCH_SUFFIXES = List.of(".bin", ".pt", ".pth");

  private final String source;
  private final Map<String, Weight> weights;
  private final Map<String, String> unsupported;
  private final Map<String, String> metadata;
  private final Set<String> names;

  private Checkpoint(
      String source,
      Map<String, Weight> weights,
      Map<String, String> unsupported,
      Map<String, String> metadata) {
    this.source = source;
    this.weights = weights;
    this.unsupported = unsupported;
    this.metadata = metadata;
    Set<String> all = new LinkedHashSet<>(weights.keySet());
    all.addAll(unsupported.keySet());
    this.names = Collections.unmodifiableSet(all);
  }

  private Checkpoint(String source, Contents contents) {
    this(source, contents.weights(), contents.unsupported(), contents.metadata());
  }

  /**
   * Opens the checkpoint in a model directory: {@code model.safetensors}, else the shards that
   * {@code model.safetensors.index.json} lists, else {@code pytorch_model.bin}, else the shards
   * that {@code pytorch_model.bin.index.json} lists. Or such a file itself.
   *
   * <p>What torch has pickled is read without executing anything: a file that holds what a state
   * dict of tensors does not need is refused.
   *
   * @param directoryOrFile either
   * @return the checkpoint, nothing of which is read but its headers
   * @throws ModelNotFoundException if there is no checkpoint
   * @throws CheckpointException if it cannot be read, is not valid, or is refused
   */
  public static Checkpoint open(Path directoryOrFile) {
    if (!Files.isDirectory(directoryOrFile)) {
      return openFile(directoryOrFile);
    }
    for (String name : FILE_NAMES) {
      Path file = directoryOrFile.resolve(name);
      if (Files.exists(file)) {
        return openFile(file);
      }
    }
    throw new ModelNotFoundException(
        "no weights in %s: none of %s is there"
            .formatted(directoryOrFile, String.join(", ", FILE_NAMES)));
  }

  private static Checkpoint openFile(Path file) {
    return file.toString().endsWith(INDEX_SUFFIX)
        ? openShards(file)
        : new Checkpoint(file.toString(), read(MappedFile.open(file)));
  }

  /** By what the file is; by its name where it seems to be neither. */
  private static Contents read(MappedFile file) {
    boolean namedSafetensors = file.source().endsWith(SAFETENSORS_SUFFIX);
    boolean namedTorch = TORCH_SUFFIXES.stream().anyMatch(file.source()::endsWith);
    boolean isTorch = TorchFile.isTorchFile(file) || (namedTorch && file.byteAt(8) != '{');
    return isTorch && !namedSafetensors ? TorchFile.read(file) : Safetensors.read(file);
  }

  /**
   * Whether {@link #open(Path)} finds a checkpoint in that directory.
   *
   * @param directory a model's
   * @return whether one of the four files is there
   */
  public static boolean existsIn(Path directory) {
    return FILE_NAMES.stream().anyMatch(name -> Files.exists(directory.resolve(name)));
  }

  /**
   * Opens a safetensors file, or one of torch, that is held in memory, for example a resource.
   *
   * @param name what to call it in messages
   * @param bytes the whole file; not copied when it is native memory, which must then stay as it is
   * @return the checkpoint
   * @throws CheckpointException if it is not valid, or is refused
   */
  public static Checkpoint open(String name, MemorySegment bytes) {
    return new Checkpoint(name, read(MappedFile.of(name, bytes)));
  }

  /**
   * {@return a checkpoint of tensors in memory; nothing is copied}
   *
   * @param tensors by the names they would be stored under
   */
  public static Checkpoint of(Map<String, Tensor> tensors) {
    Map<String, Weight> weights = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> weights.put(name, Weight.of(name, tensor)));
    return new Checkpoint("the given tensors", weights, Map.of(), Map.of());
  }

  /** A checkpoint of these weights. */
  static Checkpoint ofWeights(String source, Map<String, Weight> byName) {
    return new Checkpoint(source, byName, Map.of(), Map.of());
  }

  private static Checkpoint openShards(Path index) {
    Map<String, String> shardByName = weightMap(index);
    Map<String, Weight> weights = new LinkedHashMap<>();
    Map<String, String> unsupported = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    Map<String, String> foundIn = new LinkedHashMap<>();
    for (String shard : new LinkedHashSet<>(shardByName.values())) {
      Path file = index.resolveSibling(shard);
      if (!Files.exists(file)) {
        throw new CheckpointException(
            "%s names the shard %s, which is not there; fetch it".formatted(index, shard));
      }
      Contents contents = read(MappedFile.open(file));
      Set<String> names = new LinkedHashSet<>(contents.weights().keySet());
      names.addAll(contents.unsupported().keySet());
      for (String name : names) {
        String other = foundIn.putIfAbsent(name, shard);
        if (other != null) {
          throw new CheckpointException(
              "%s: tensor %s is in both %s and %s"
                  .formatted(index, Messages.quote(name), other, shard));
        }
      }
      weights.putAll(contents.weights());
      unsupported.putAll(contents.unsupported());
      contents.metadata().forEach(metadata::putIfAbsent);
    }
    shardByName.forEach(
        (name, shard) -> {
          if (!shard.equals(foundIn.get(name))) {
            throw new CheckpointException(
                "%s says that tensor %s is in %s, but it is not"
                    .formatted(index, Messages.quote(name), shard));
          }
        });
    return new Checkpoint(
        index.toString(), weights, unsupported, Collections.unmodifiableMap(metadata));
  }

  private static Map<String, String> weightMap(Path index) {
    if (!Files.exists(index)) {
      throw new ModelNotFoundException("there is no file " + index);
    }
    if (!Files.isRegularFile(index)) {
      throw new CheckpointException("cannot read " + index + ": it is not a regular file");
    }
    JsonNode weightMap;
    try {
      weightMap = Json.readObject(index).get("weight_map");
    } catch (IOException e) {
      throw new CheckpointException(
          "cannot read %s: %s".formatted(index, Safetensors.reason(e)), e);
    }
    if (weightMap == null || !weightMap.isObject() || weightMap.isEmpty()) {
      throw new CheckpointException(
          index + " has no weight_map that says which shard holds which tensor");
    }
    boolean isTorch = index.toString().endsWith(TORCH_SUFFIXES.getFirst() + INDEX_SUFFIX);
    String suffix = isTorch ? TORCH_SUFFIXES.getFirst() : SAFETENSORS_SUFFIX;
    Map<String, String> shardByName = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : weightMap.properties()) {
      String shard = entry.getValue().isString() ? entry.getValue().stringValue() : "";
      if (!isPlainFileName(shard, suffix)) {
        throw new CheckpointException(
            "%s: tensor %s is in the shard %s; expected a %s file beside the index"
                .formatted(
                    index,
                    Messages.quote(entry.getKey()),
                    Messages.quote(entry.getValue().toString()),
                    suffix));
      }
      shardByName.put(entry.getKey(), shard);
    }
    return shardByName;
  }

  /** Of one part, so that it cannot lead out of the directory. */
  private static boolean isPlainFileName(String name, String suffix) {
    if (!name.endsWith(suffix)
        || name.indexOf('/') >= 0
        || name.indexOf('\\') >= 0
        || name.codePoints().anyMatch(Character::isISOControl)) {
      return false;
    }
    try {
      Path path = Path.of(name);
      return !path.isAbsolute() && path.getRoot() == null && path.getNameCount() == 1;
    } catch (InvalidPathException e) {
      return false;
    }
  }

  /** {@return the names of all tensors, as they are stored} */
  public Set<String> names() {
    return names;
  }

  /**
   * {@return the tensor stored under a name, null if there is none}
   *
   * @param name as {@link #names} gives it
   * @throws CheckpointException if its dtype is one that ViT4J does not read (8-bit floats, complex
   *     numbers, unsigned integers wider than 8 bits)
   */
  public @Nullable Weight get(String name) {
    String dtype = unsupported.get(name);
    if (dtype != null) {
      throw new CheckpointException(
          "%s: tensor %s has the dtype %s, which is not supported; convert it to float32, float16 or bfloat16"
              .formatted(source, Messages.quote(name), dtype));
    }
    return weights.get(name);
  }

  /** {@return the free strings of the files' headers} */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** {@return where the tensors come from, for messages} */
  @Override
  public String toString() {
    return source;
  }
}
