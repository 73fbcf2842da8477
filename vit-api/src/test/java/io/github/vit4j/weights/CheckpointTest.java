package io.github.vit4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.error.CheckpointException;
import io.github.vit4j.error.ModelNotFoundException;
import io.github.vit4j.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
  @TempDir Path directory = Path.of("");

  private void shard(String file, String name, float value) {
    Safetensors.write(
        directory.resolve(file), Map.of(name, Tensor.scalar(value)), Map.of("format", "pt"));
  }

  private Path index(String json) throws IOException {
    return Files.writeString(directory.resolve(Checkpoint.INDEX_FILE_NAME), json);
  }

  private static float value(Checkpoint checkpoint, String name) {
    return Objects.requireNonNull(checkpoint.get(name), name).tensor().getFloat(0);
  }

  @Test
  void findsTheFileInADirectory() {
    assertThat(Checkpoint.existsIn(directory)).isFalse();
    shard(Checkpoint.FILE_NAME, "a", 1);

    assertThat(Checkpoint.existsIn(directory)).isTrue();
    assertThat(value(Checkpoint.open(directory), "a")).isEqualTo(1);
  }

  @Test
  void readsShards() throws IOException {
    shard("model-00001-of-00002.safetensors", "a", 1);
    shard("model-00002-of-00002.safetensors", "b", 2);
    Path index =
        index(
            """
            {"metadata": {"total_size": 8}, "weight_map": {
              "b": "model-00002-of-00002.safetensors",
              "a": "model-00001-of-00002.safetensors"}}
            """);

    assertThat(Checkpoint.existsIn(directory)).isTrue();
    for (Path path : new Path[] {directory, index}) {
      Checkpoint checkpoint = Checkpoint.open(path);
      assertThat(checkpoint.names()).containsExactlyInAnyOrder("a", "b");
      assertThat(value(checkpoint, "a")).isEqualTo(1);
      assertThat(value(checkpoint, "b")).isEqualTo(2);
      assertThat(checkpoint.metadata()).isEqualTo(Map.of("format", "pt"));
    }
  }

  @Test
  void prefersTheSingleFile() throws IOException {
    shard(Checkpoint.FILE_NAME, "a", 1);
    index("{}");

    assertThat(value(Checkpoint.open(directory), "a")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../secret.safetensors",
        "/etc/secret.safetensors",
        "sub/x.safetensors",
        "sub\\\\x.safetensors",
        "..",
        "",
        "config.json",
        "x\\u0000.safetensors",
        "x\\n.safetensors"
      })
  void shardsStayInTheDirectory(String shard) throws IOException {
    Path index = index("{\"weight_map\": {\"a\": \"" + shard + "\"}}");

    assertThatThrownBy(() -> Checkpoint.open(directory))
        .isInstanceOf(CheckpointException.class)
        .message()
        .startsWith(index + ": tensor 'a' is in the shard")
        .endsWith("expected a .safetensors file beside the index")
        .doesNotContain("\n", "\0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"weight_map\": {}}",
        "{\"weight_map\": []}",
        "{\"weight_map\": {\"a\": 1}}",
        "{\"weight_map\": {\"a\": null}}",
        "{\"weight_map\": {\"a\": \"x.safetensors\", \"a\": \"x.safetensors\"}}"
      })
  void theIndexHasAWeightMap(String json) throws IOException {
    shard("x.safetensors", "a", 1);
    Path index = index(json);

    assertThatThrownBy(() -> Checkpoint.open(directory))
        .isInstanceOf(CheckpointException.class)
        .message()
        .contains(index.toString())
        .doesNotContain("\n");
  }

  @Test
  void shardsHoldWhatTheIndexSays() throws IOException {
    shard("x.safetensors", "a", 1);
    index("{\"weight_map\": {\"a\": \"x.safetensors\", \"b\": \"x.safetensors\"}}");
    assertThatThrownBy(() -> Checkpoint.open(directory))
        .isInstanceOf(CheckpointException.class)
        .hasMessageEndingWith("says that tensor 'b' is in x.safetensors, but it is not");

    index("{\"weight_map\": {\"a\": \"x.safetensors\", \"b\": \"y.safetensors\"}}");
    assertThatThrownBy(() -> Checkpoint.open(directory))
        .isInstanceOf(CheckpointException.class)
        .hasMessageEndingWith("names the shard y.safetensors, which is not there; fetch it");

    shard("y.safetensors", "a", 2);
    assertThatThrownBy(() -> Checkpoint.open(directory))
        .isInstanceOf(CheckpointException.class)
        .hasMessageEndingWith("tensor 'a' is in both x.safetensors and y.safetensors");
  }

  @Test
  void saysThatThereIsNothing() {
    assertThatThrownBy(() -> Checkpoint.open(directory))
        .isInstanceOf(ModelNotFoundException.class)
        .hasMessage(
            "no weights in %s: none of model.safetensors, model.safetensors.index.json, pytorch_model.bin, pytorch_model.bin.index.json is there"
                .formatted(directory));
    assertThatThrownBy(() -> Checkpoint.open(directory.resolve("absent")))
        .isInstanceOf(ModelNotFoundException.class);
    assertThatThrownBy(() -> Checkpoint.open(directory.resolve(Checkpoint.INDEX_FILE_NAME)))
        .isInstanceOf(ModelNotFoundException.class);
  }

  @Test
  void viewsTensorsInMemory() {
    Tensor tensor = Tensor.scalar(1);
    Checkpoint checkpoint = Checkpoint.of(Map.of("a", tensor));

    assertThat(checkpoint.get("a")).isEqualTo(Weight.of("a", tensor));
    assertThat(checkpoint.names()).containsExactly("a");
    assertThat(checkpoint.metadata()).isEmpty();
  }
}
