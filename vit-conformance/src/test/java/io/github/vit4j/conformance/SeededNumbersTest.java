package io.github.vit4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.vit4j.config.Json;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.ModelSource;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.Weight;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** That Java draws the numbers that Python drew. */
class SeededNumbersTest {
  static List<ReferenceCase> fullSize() {
    return ReferenceCases.fullSize();
  }

  @Test
  void areThoseOfPython() {
    // seeded.hashes(7, "name", 0, 2) and seeded.uniform(7, "name", 2)
    SeededNumbers numbers = new SeededNumbers(7, "name");
    assertThat(numbers.bits(0)).isEqualTo(0x14e09453f5af873dL);
    assertThat(numbers.bits(1)).isEqualTo(0xf2e3dd1ced42e1adL);
    assertThat(numbers.uniform(0)).isEqualTo(-0.8368964195251465);
    assertThat(numbers.tensor(2).getDouble(1)).isEqualTo(0.8975788354873657);
  }

  /** SHA-256 over the bytes of all parameters in the model's order. */
  @ParameterizedTest
  @MethodSource("fullSize")
  void weightsAreThoseThatTransformersRan(ReferenceCase reference) throws Exception {
    JsonNode weights = index(reference.name()).get("weights");
    FullSizeWeights drawn =
        FullSizeWeights.of(
            reference.config(), reference.architecture(), weights.get("seed").asLong());
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    long count = 0;
    for (Map.Entry<String, long[]> parameter : drawn.shapes().entrySet()) {
      Tensor tensor = Tensor.allocate(ElementType.FLOAT32, parameter.getValue());
      drawn.draw(parameter.getKey(), tensor.data());
      digest.update(tensor.data().asByteBuffer());
      count += tensor.elementCount();
    }
    assertThat(count).isEqualTo(weights.get("parameters").asLong());
    assertThat(HexFormat.of().formatHex(digest.digest()))
        .isEqualTo(weights.get("sha256").asString());
  }

  private static JsonNode index(String name) throws Exception {
    for (JsonNode reference :
        Json.readObject(ReferenceCases.resource("index.json")).get("full_size")) {
      if (reference.get("name").asString().equals(name)) {
        return reference;
      }
    }
    throw new AssertionError(name);
  }

  @Test
  void writesACheckpointOfFullSize(@TempDir Path directory) throws Exception {
    ReferenceCase reference = ReferenceCases.named("vit-base-patch32-224");
    Path file = reference.writeTo(directory).resolve("model.safetensors");
    assertThat(Files.size(file)).isEqualTo(reference.byteSize());
    ModelDefinition model = ReferenceCase.definition(directory, reference.architecture());
    FullSizeWeights drawn = FullSizeWeights.of(model.config(), model.architecture(), 2);
    Map<String, Weight> weights = ((ModelSource.Weights) model.source()).byName();
    assertThat(weights.keySet()).isEqualTo(drawn.shapes().keySet());
    for (String name : drawn.shapes().keySet()) {
      Tensor read = Objects.requireNonNull(weights.get(name)).tensor();
      Tensor wanted = Tensor.allocate(ElementType.FLOAT32, read.shape());
      drawn.draw(name, wanted.data());
      assertThat(read.data().mismatch(wanted.data())).as(name).isEqualTo(-1);
    }
    for (ReferenceRun run : reference.runs()) {
      run.inputs().checkAgainst(model);
    }
  }
}
