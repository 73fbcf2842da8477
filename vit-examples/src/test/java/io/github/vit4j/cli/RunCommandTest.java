package io.github.vit4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code vit run}. */
class RunCommandTest {
  private static final Tensor PIXELS = Fixtures.pixelValues(2, 3, 16, 16);
  private static final Tensor MASK =
      Tensor.of(new boolean[] {true, false, false, true, false, true, false, false}, 2, 4);

  @TempDir static Path folder = Path.of("");
  private static Path classifier = Path.of("");
  private static Path encoder = Path.of("");
  private static Path masked = Path.of("");

  @BeforeAll
  static void makeModels() {
    classifier = Fixtures.tinyModel(folder.resolve("classifier"));
    encoder = Fixtures.tinyModel(folder.resolve("encoder"), "--architecture=ViTModel");
    masked =
        Fixtures.tinyModel(folder.resolve("masked"), "--architecture=ViTForMaskedImageModeling");
  }

  private static Path inputs(String name, Map<String, Tensor> tensors) {
    return Fixtures.tensors(folder.resolve(name + ".in"), tensors);
  }

  private static Vit run(String task, Path model, Path inputs, Path outputs, Object... more) {
    return Vit.run(
        Stream.concat(
                Stream.of(
                    "run",
                    "--task",
                    task,
                    "--model",
                    model,
                    "--inputs",
                    inputs,
                    "--outputs",
                    outputs),
                Stream.of(more))
            .toArray());
  }

  @Test
  void classificationGivesLogitsAndALossForLabels() {
    Path in =
        inputs("labels", Map.of("pixel_values", PIXELS, "labels", Tensor.of(new long[] {2, 0}, 2)));
    Path out = folder.resolve("labels.out");
    assertThat(run("classification", classifier, in, out).succeeds().out())
        .contains("logits float32[2, 3]", "loss float32[]");
    assertThat(Checkpoint.open(out).names()).containsExactlyInAnyOrder("logits", "loss");
    float[] logits = Fixtures.read(out, "logits").toFloatArray();
    double expected = (crossEntropy(logits, 0, 2) + crossEntropy(logits, 3, 0)) / 2;
    Tensor loss = Fixtures.read(out, "loss");
    assertThat(loss.rank()).isZero();
    assertThat(loss.elementType()).isEqualTo(ElementType.FLOAT32);
    assertThat(loss.getFloat(0)).isCloseTo((float) expected, within(1e-6f));
  }

  private static double crossEntropy(float[] logits, int from, int label) {
    double sum = 0;
    for (int i = from; i < from + 3; i++) {
      sum += Math.exp(logits[i]);
    }
    return Math.log(sum) - logits[from + label];
  }

  @Test
  void featuresGiveTheLastHiddenStateAndThePoolersOutput() {
    Path in = inputs("features", Map.of("pixel_values", PIXELS));
    Path out = folder.resolve("features.out");
    run("features", encoder, in, out).succeeds();
    assertThat(Checkpoint.open(out).names())
        .containsExactlyInAnyOrder("last_hidden_state", "pooler_output");
    assertThat(Fixtures.read(out, "last_hidden_state").hasShape(2, 5, 8)).isTrue();
    run("features", classifier, in, out).succeeds();
    assertThat(Checkpoint.open(out).names()).containsExactly("last_hidden_state");
  }

  @Test
  void maskedGivesAReconstructionAndALossForAMask() {
    Path in = inputs("masked", Map.of("pixel_values", PIXELS, "bool_masked_pos", MASK));
    Path out = folder.resolve("masked.out");
    run("masked", masked, in, out).succeeds();
    Tensor reconstruction = Fixtures.read(out, "reconstruction");
    assertThat(reconstruction.hasShape(2, 3, 16, 16)).isTrue();
    double sum = 0;
    int count = 0;
    for (int image = 0; image < 2; image++) {
      for (int channel = 0; channel < 3; channel++) {
        for (int y = 0; y < 16; y++) {
          for (int x = 0; x < 16; x++) {
            if (MASK.getBoolean(image * 4 + y / 8 * 2 + x / 8)) {
              long i = ((image * 3L + channel) * 16 + y) * 16 + x;
              sum += Math.abs(PIXELS.getFloat(i) - reconstruction.getFloat(i));
              count += channel == 0 ? 1 : 0;
            }
          }
        }
      }
    }
    assertThat(Fixtures.read(out, "loss").getFloat(0))
        .isCloseTo((float) (sum / (count + 1e-5) / 3), within(1e-5f));
  }

  @Test
  void hiddenStatesAndAttentionsComeWhereAskedFor() {
    Path in = inputs("all", Map.of("pixel_values", PIXELS));
    Path out = folder.resolve("all.out");
    run("classification", classifier, in, out, "--output-hidden-states", "--output-attentions")
        .succeeds();
    assertThat(Checkpoint.open(out).names())
        .containsExactlyInAnyOrder(
            "logits",
            "hidden_states.0",
            "hidden_states.1",
            "hidden_states.2",
            "attentions.0",
            "attentions.1");
    Tensor attentions = Fixtures.read(out, "attentions.1");
    assertThat(attentions.hasShape(2, 2, 5, 5)).isTrue();
    float row = 0;
    for (int i = 0; i < 5; i++) {
      row += attentions.getFloat(i);
    }
    assertThat(row).isCloseTo(1, within(1e-5f));
  }

  @Test
  void imagesOfAnotherSizeNeedInterpolation() {
    Path in = inputs("wide", Map.of("pixel_values", Fixtures.pixelValues(1, 3, 16, 32)));
    Path out = folder.resolve("wide.out");
    run("classification", classifier, in, out)
        .fails("Input image size (16*32) doesn't match model (16*16).");
    assertThat(out).doesNotExist();
    run("features", classifier, in, out, "--interpolate-pos-encoding").succeeds();
    assertThat(Fixtures.read(out, "last_hidden_state").hasShape(1, 9, 8)).isTrue();
  }

  @Test
  void verboseTellsBackendTimesAndMemory() {
    Path in = inputs("verbose", Map.of("pixel_values", PIXELS));
    Vit vit =
        run("classification", classifier, in, folder.resolve("v.out"), "--verbose", "--repeat=3");
    assertThat(vit.exitCode()).isZero();
    assertThat(vit.err().lines()).hasSize(5).allMatch(line -> line.startsWith("vit: "));
    assertThat(vit.err())
        .contains("running on onnx (ONNX Runtime", "on cpu, float32", "preferred")
        .containsPattern("loaded in \\d+\\.\\d{3} s, first outputs after \\d+\\.\\d{3} s")
        .containsPattern("\\d+\\.\\d{3} s since the process started")
        .containsPattern("2 more runs: \\d+\\.\\d{3} s median");
    assumeTrue(
        Files.exists(Path.of("/proc/self/status")), "skipped: memory is known on Linux only");
    assertThat(vit.err())
        .containsPattern("resident memory \\d+\\.\\d MB before the model")
        .containsPattern("grew by -?\\d+\\.\\d\\d times that");
  }

  @Test
  void summaryAsJson() throws IOException {
    Path in = inputs("json", Map.of("pixel_values", PIXELS));
    assertThat(
            run("classification", classifier, in, folder.resolve("j.out"), "--json")
                .succeeds()
                .json()
                .get("tensors")
                .get("logits")
                .get("shape")
                .toString())
        .isEqualTo("[2,3]");
  }

  @Test
  void tensorsOfTheWrongShapeOrTypeAreRefused() {
    Path out = folder.resolve("wrong.out");
    refuse("classification", Map.of("other", PIXELS), "no tensor pixel_values", "[other]");
    refuse("classification", Map.of("pixel_values", PIXELS.slice(0)), "float32[3, 16, 16]");
    refuse(
        "classification",
        Map.of("pixel_values", PIXELS.to(ElementType.FLOAT16)),
        "must be float32",
        "float16[2, 3, 16, 16]");
    refuse(
        "classification",
        Map.of("pixel_values", Tensor.of(new long[768], 1, 3, 16, 16)),
        "must be float32",
        "int64");
    refuse("classification", Map.of("pixel_values", PIXELS.slice(0, 0)), "no image");
    refuse("classification", Map.of("pixel_values", Fixtures.pixelValues(1, 1, 16, 16)), "channel");
    refuse("classification", Map.of("pixel_values", PIXELS, "bool_masked_pos", MASK), "not take");
    refuse(
        "features", Map.of("pixel_values", PIXELS, "labels", MASK), "only --task classification");
    refuse(
        "classification", Map.of("pixel_values", PIXELS, "labels", MASK), "labels", "bool[2, 4]");
    refuse("classification", labels(Tensor.of(new long[] {3, 0}, 2)), "label 3");
    refuse("classification", labels(Tensor.of(new long[] {0}, 1)), "labels", "int64[1]");
    refuse("classification", labels(Tensor.of(new float[] {1, 2}, 2)), "labels", "float32[2]");
    refuse("classification", labels(Tensor.scalar(1)), "labels", "float32[]");
    refuse(
        "masked",
        Map.of("pixel_values", PIXELS, "bool_masked_pos", Tensor.of(new boolean[10], 2, 5)),
        "bool_masked_pos must be bool [2, 4]");
    refuse(
        "masked",
        Map.of("pixel_values", PIXELS, "bool_masked_pos", Tensor.of(new long[8], 2, 4)),
        "bool_masked_pos must be bool",
        "int64[2, 4]");
    assertThat(out).doesNotExist();
  }

  private static Map<String, Tensor> labels(Tensor labels) {
    return Map.of("pixel_values", PIXELS, "labels", labels);
  }

  private static void refuse(String task, Map<String, Tensor> tensors, String... parts) {
    Path out = folder.resolve("wrong.out");
    Path model = task.equals("masked") ? masked : classifier;
    run(task, model, inputs("wrong", tensors), out).fails(parts);
  }

  @Test
  void aModelWithoutTheTasksHeadIsRefused() {
    Path in = inputs("head", Map.of("pixel_values", PIXELS));
    run("classification", encoder, in, folder.resolve("head.out")).fails("classifier");
    run("masked", classifier, in, folder.resolve("head.out")).fails("decoder");
  }

  @Test
  void tensorsOfOtherNamesAreNamedAndLeftOut() {
    Path in = inputs("more", Map.of("pixel_values", PIXELS, "bool_mask_pos", MASK));
    Vit vit = run("features", encoder, in, folder.resolve("more.out"));
    assertThat(vit.exitCode()).isZero();
    assertThat(vit.err().strip())
        .isEqualTo("vit: warning: tensors that are not used: bool_mask_pos");
  }

  @Test
  void whereItCannotReadOrWriteItSaysSo() throws IOException {
    Path in = inputs("places", Map.of("pixel_values", PIXELS));
    Path out = folder.resolve("places.out");
    run("classification", classifier, folder.resolve("nothing"), out).fails("there is no file");
    run("classification", classifier, classifier, out).fails("is not a file");
    run("classification", classifier, Files.writeString(folder.resolve("text"), "hello"), out)
        .fails("text", "not");
    run("classification", classifier, in, folder.resolve("no/where")).fails("no directory");
    run("classification", classifier, in, folder).fails("is a directory");
    assertThat(out).doesNotExist();
  }

  @Test
  void aDeviceIsNotReplacedByAFile() {
    Path device = Path.of("/dev/full");
    assumeTrue(Files.exists(device), "skipped: there is no /dev/full");
    Path in = inputs("device", Map.of("pixel_values", PIXELS));
    run("classification", classifier, in, device).fails("/dev/full", "not a regular file");
    assertThat(Files.isRegularFile(device)).isFalse();
  }
}
