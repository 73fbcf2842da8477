package io.github.vit4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.vit4j.config.Json;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.ModelSource;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.OutputShapes;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.weights.Weight;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class ReferenceCasesTest {
  private static Stream<ReferenceCase> everything() {
    return Stream.concat(ReferenceCases.all().stream(), ReferenceCases.fullSize().stream());
  }

  @Test
  void everyFileIsAsTheIndexSays() throws Exception {
    JsonNode index = Json.readObject(ReferenceCases.resource("index.json"));
    long size = 0;
    for (String list : List.of("cases", "full_size")) {
      for (JsonNode reference : index.get(list)) {
        String name = reference.get("name").asString();
        for (Map.Entry<String, JsonNode> file : reference.get("files").properties()) {
          byte[] bytes = ReferenceCases.resource(name + "/" + file.getKey());
          assertThat(bytes)
              .as("%s/%s", name, file.getKey())
              .hasSize(file.getValue().get("size").asInt());
          assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)))
              .as("%s/%s", name, file.getKey())
              .isEqualTo(file.getValue().get("sha256").asString());
          size += bytes.length;
        }
      }
    }
    assertThat(size).isLessThan(10_000_000);
  }

  @Test
  void saysWhatTheyWereMadeWith() {
    assertThat(ReferenceCases.versions())
        .containsOnlyKeys("python", "torch", "transformers", "safetensors", "numpy");
  }

  @Test
  void everyRequirementThatIsAboutNumbersHasARun() {
    Set<Requirement> wanted = EnumSet.noneOf(Requirement.class);
    wanted.addAll(Requirement.Group.OUTPUTS.requirements());
    wanted.addAll(Requirement.Group.INPUTS.requirements());
    wanted.addAll(Requirement.Group.CONFIGURATION.requirements());
    wanted.addAll(
        List.of(
            Requirement.FLOAT16_WEIGHTS,
            Requirement.BFLOAT16_WEIGHTS,
            Requirement.FLOAT64_WEIGHTS,
            Requirement.PARAMETER_NAMES,
            Requirement.FULL_SIZE));
    wanted.remove(Requirement.FOREIGN_MEMORY);
    Set<Requirement> found = EnumSet.noneOf(Requirement.class);
    everything().forEach(c -> c.runs().forEach(run -> found.add(run.requirement())));
    assertThat(found).isEqualTo(wanted);
  }

  @Test
  void everyOutputThatIsAskedForIsExpected() {
    everything()
        .forEach(
            reference -> {
              for (ReferenceRun run : reference.runs()) {
                Set<String> names = new TreeSet<>();
                for (Output output : run.inputs().outputs()) {
                  int count = OutputShapes.count(reference.config(), output);
                  boolean numbered = output == Output.HIDDEN_STATES || output == Output.ATTENTIONS;
                  for (int i = 0; i < count; i++) {
                    names.add(numbered ? output + "." + i : output.toString());
                  }
                }
                if (run.requirement() == Requirement.LOSSES) {
                  names.add("loss");
                }
                assertThat(
                        new TreeSet<>(run.expected().stream().map(ExpectedTensor::name).toList()))
                    .as("%s/%s", reference, run)
                    .isEqualTo(names);
              }
            });
  }

  @Test
  void inputsFitTheirModels() {
    for (ReferenceCase reference : ReferenceCases.all()) {
      ModelDefinition model = reference.model();
      assertThat(model.architecture()).isEqualTo(reference.architecture());
      for (ReferenceRun run : reference.runs()) {
        run.inputs().checkAgainst(model);
      }
    }
  }

  /** Of both the files and the losses: the first of the inputs that PyTorch was measured with. */
  @Test
  void pytorchIsAsFarFromFloat64AsItsLossSays() {
    int measured = 0;
    for (ReferenceCase reference : ReferenceCases.all()) {
      for (ReferenceRun run : reference.runs()) {
        for (ExpectedTensor expected : run.expected()) {
          var float32 = Objects.requireNonNull(expected.float32());
          double error = expected.difference(float32).relativeError();
          assertThat(error)
              .as("%s/%s/%s", reference, run, expected)
              .isLessThanOrEqualTo(expected.pytorchLoss().get(Precision.FP32));
          measured++;
        }
      }
    }
    assertThat(measured).isGreaterThan(400);
  }

  /** So that a check in some precision is judged as a whole, or skipped as a whole. */
  @Test
  void everyTensorOfARunIsKnownInTheSamePrecisions() {
    for (ReferenceCase reference : ReferenceCases.all()) {
      for (ReferenceRun run : reference.runs()) {
        assertThat(run.expected().stream().map(tensor -> tensor.pytorchLoss().keySet()).distinct())
            .as(reference + ": " + run.name())
            .hasSize(1);
      }
    }
  }

  @Test
  void noLossIsSoLargeThatAnythingWouldPass() {
    everything()
        .forEach(
            reference ->
                reference
                    .runs()
                    .forEach(
                        run ->
                            run.expected()
                                .forEach(
                                    expected ->
                                        assertThat(expected.tolerance(Precision.FP32).orElseThrow())
                                            .as("%s/%s/%s", reference, run, expected)
                                            .isLessThan(1e-4))));
  }

  @Test
  void weightsAreMappedFromTheFileOrInMemory() {
    for (ReferenceCase reference : ReferenceCases.all()) {
      Map<String, Weight> mapped = ((ModelSource.Weights) reference.model().source()).byName();
      Map<String, Weight> copied =
          ((ModelSource.Weights) reference.modelInMemory().source()).byName();
      assertThat(copied.keySet()).isEqualTo(mapped.keySet());
      mapped.forEach(
          (name, weight) -> {
            Weight copy = Objects.requireNonNull(copied.get(name));
            assertThat(weight.region()).isNotNull();
            assertThat(copy.region()).isNull();
            assertThat(copy.tensor().elementType()).isEqualTo(weight.tensor().elementType());
            assertThat(copy.tensor().data().mismatch(weight.tensor().data())).isEqualTo(-1);
          });
    }
  }

  @Test
  void writesTheModelElsewhere(@TempDir Path directory) throws IOException {
    ReferenceCase reference = ReferenceCases.named("classifier");
    Path written = reference.writeTo(directory.resolve("new/classifier"));
    for (String file : List.of("config.json", "model.safetensors")) {
      assertThat(written.resolve(file)).hasSameBinaryContentAs(reference.directory().resolve(file));
    }
    assertThat(Files.size(written.resolve("model.safetensors"))).isEqualTo(reference.byteSize());
  }

  @Test
  void namesAreUniqueAndFound() {
    List<String> names = new ArrayList<>();
    everything()
        .forEach(
            reference -> {
              names.add(reference.name());
              assertThat(ReferenceCases.named(reference.name())).isSameAs(reference);
              assertThat(reference.runs().stream().map(ReferenceRun::name)).doesNotHaveDuplicates();
            });
    assertThat(names).doesNotHaveDuplicates();
    assertThatThrownBy(() -> ReferenceCases.named("nothing"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("no reference case 'nothing'; there are classifier, ");
  }
}
