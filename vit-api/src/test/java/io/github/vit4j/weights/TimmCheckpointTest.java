package io.github.vit4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.error.CheckpointException;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.ParameterNames.LayerPart;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TimmCheckpointTest {
  @TempDir Path directory = Path.of("");

  private static Map<String, Tensor> plain(String prefix) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put(prefix + "cls_token", Tensor.of(new float[] {1, 2}, 1, 1, 2));
    tensors.put(prefix + "pos_embed", Tensor.of(new float[] {3, 4}, 1, 1, 2));
    tensors.put(prefix + "patch_embed.proj.weight", Tensor.of(new float[] {5, 6}, 2, 1, 1, 1));
    tensors.put(
        prefix + "blocks.3.attn.qkv.weight",
        Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 6, 2));
    tensors.put(prefix + "blocks.3.attn.qkv.bias", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 6));
    return tensors;
  }

  private static Weight weight(Checkpoint checkpoint, String name) {
    return Objects.requireNonNull(checkpoint.get(name), name);
  }

  @Test
  void splitsQueriesKeysAndValuesWhereTheyLie() {
    for (String prefix : List.of("", "timm_model.")) {
      Path file = directory.resolve(Checkpoint.FILE_NAME);
      Safetensors.write(file, plain(prefix), Map.of());
      Checkpoint stored = Checkpoint.open(file);

      Checkpoint checkpoint = TimmCheckpoint.translate(stored);

      assertThat(checkpoint.names())
          .containsExactlyInAnyOrder(
              ParameterNames.CLS_TOKEN,
              ParameterNames.POSITION_EMBEDDINGS,
              ParameterNames.PATCH_WEIGHT,
              LayerPart.QUERY.weight(3),
              LayerPart.KEY.weight(3),
              LayerPart.VALUE.weight(3),
              LayerPart.QUERY.bias(3),
              LayerPart.KEY.bias(3),
              LayerPart.VALUE.bias(3));
      Weight fused = weight(stored, prefix + "blocks.3.attn.qkv.weight");
      Weight key = weight(checkpoint, LayerPart.KEY.weight(3));
      assertThat(key.name()).isEqualTo(fused.name());
      assertThat(key.tensor().shape()).containsExactly(2, 2);
      assertThat(key.tensor().toFloatArray()).containsExactly(5, 6, 7, 8);
      assertThat(key.tensor().data().address()).isEqualTo(fused.tensor().data().address() + 16);
      FileRegion whole = Objects.requireNonNull(fused.region());
      FileRegion part = Objects.requireNonNull(key.region());
      assertThat(part.offset()).isEqualTo(whole.offset() + 16);
      assertThat(part.length()).isEqualTo(16);
      assertThat(weight(checkpoint, LayerPart.VALUE.bias(3)).tensor().toFloatArray())
          .containsExactly(5, 6);
    }
  }

  @Test
  void leavesOtherCheckpointsAlone() {
    Checkpoint checkpoint = Checkpoint.of(Map.of("cls_token", Tensor.scalar(1)));

    assertThat(TimmCheckpoint.translate(checkpoint)).isSameAs(checkpoint);
  }

  @Test
  void queriesKeysAndValuesAreOfOneSize() {
    Map<String, Tensor> tensors = plain("");
    tensors.put("blocks.3.attn.qkv.bias", Tensor.of(new float[] {1, 2, 3, 4}, 4));

    assertThatThrownBy(() -> TimmCheckpoint.translate(Checkpoint.of(tensors)))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(
            "the given tensors: 'blocks.3.attn.qkv.bias' has the shape [4], expected queries, keys and values of one size");
  }

  @Test
  void anUnknownTensorIsAnUnknownVariant() {
    Map<String, Tensor> tensors = plain("");
    tensors.put("blocks.3.moe.weight", Tensor.scalar(1));

    assertThatThrownBy(() -> TimmCheckpoint.translate(Checkpoint.of(tensors)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("a variant that is not known here of timm")
        .hasMessageContaining("'blocks.3.moe.weight'");
  }

  /** The names come from timm: {@code make_checkpoints.py} of vit-backend-onnx wrote them. */
  static Stream<Arguments> variants() throws IOException {
    return new String(Resources.bytes("timm-variants.tsv"), StandardCharsets.UTF_8)
        .lines()
        .map(line -> Arrays.asList(line.split("\t")))
        .map(fields -> Arguments.of(fields.getFirst(), fields.subList(1, fields.size())));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("variants")
  void variantsAreRefusedByWhatTheyAre(String description, List<String> names) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    names.forEach(name -> tensors.put(name, Tensor.scalar(1)));

    assertThatThrownBy(() -> TimmCheckpoint.translate(Checkpoint.of(tensors)))
        .isInstanceOf(CheckpointException.class)
        .message()
        .contains(description, "which is another model than ViT", "vit_base_patch16_224")
        .doesNotContain("\n");
  }
}
