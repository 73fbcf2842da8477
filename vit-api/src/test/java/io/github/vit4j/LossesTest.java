package io.github.vit4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.vit4j.config.Json;
import io.github.vit4j.config.ProblemType;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Against losses.json, which make_losses.py writes with HuggingFace transformers. */
class LossesTest {
  static Stream<JsonNode> classificationLosses() throws IOException {
    return cases("classification");
  }

  static Stream<JsonNode> maskedLosses() throws IOException {
    return cases("masked");
  }

  private static Stream<JsonNode> cases(String kind) throws IOException {
    try (InputStream in = LossesTest.class.getResourceAsStream("losses.json")) {
      return Json.readObject(in.readAllBytes()).get(kind).values().stream();
    }
  }

  private static float[] floats(JsonNode array) {
    float[] values = new float[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).floatValue();
    }
    return values;
  }

  private static long[] longs(JsonNode array) {
    return array.values().stream().mapToLong(JsonNode::longValue).toArray();
  }

  @ParameterizedTest
  @MethodSource
  void classificationLosses(JsonNode expected) {
    ViTConfig.Builder builder =
        ViTConfig.builder().numLabels(expected.get("num_labels").intValue());
    JsonNode type = expected.get("problem_type");
    if (!type.isNull()) {
      builder.problemType(ProblemType.valueOf(type.stringValue().toUpperCase(Locale.ROOT)));
    }
    ViTConfig config = builder.build();
    long[] labelsShape = longs(expected.get("labels_shape"));
    Tensor labels =
        expected.get("labels_are_integers").booleanValue()
            ? Tensor.of(longs(expected.get("labels")), labelsShape)
            : Tensor.of(floats(expected.get("labels")), labelsShape);
    Tensor logits = Tensor.of(floats(expected.get("logits")), labelsShape[0], config.numLabels());
    float loss = expected.get("loss").floatValue();
    assertThat(Losses.classification(config, logits, labels))
        .isCloseTo(loss, within(1e-6f * Math.abs(loss)));
  }

  @ParameterizedTest
  @MethodSource
  void maskedLosses(JsonNode expected) {
    int channels = expected.get("num_channels").intValue();
    ViTConfig config =
        ViTConfig.builder()
            .imageSize(4)
            .patchSize(2)
            .encoderStride(2)
            .numChannels(channels)
            .build();
    float[] pixels = floats(expected.get("pixel_values"));
    long images = pixels.length / (16L * channels);
    JsonNode maskJson = expected.get("mask");
    boolean[] mask = new boolean[maskJson.size()];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = maskJson.get(i).booleanValue();
    }
    Tensor boolMaskedPos = Tensor.of(mask, images, 4);
    ViTInputs inputs =
        new ViTInputs(
            Tensor.of(pixels, images, channels, 4, 4),
            boolMaskedPos,
            false,
            Set.of(Output.RECONSTRUCTION));
    Tensor reconstruction =
        Tensor.of(floats(expected.get("reconstruction")), images, channels, 4, 4);
    float loss = expected.get("loss").floatValue();
    assertThat(Losses.maskedReconstruction(config, inputs, boolMaskedPos, reconstruction))
        .isCloseTo(loss, within(1e-6f * Math.abs(loss)));
  }

  @Test
  void labelsThatDoNotFitAreRefused() {
    ViTConfig config = ViTConfig.builder().numLabels(3).build();
    Tensor logits = Tensor.of(new float[6], 2, 3);
    for (Tensor labels :
        Arrays.asList(
            Tensor.of(new long[] {0, 3}, 2),
            Tensor.of(new long[] {0, -1}, 2),
            Tensor.of(new long[] {0}, 1),
            Tensor.of(new float[] {0, 1}, 2))) {
      assertThatThrownBy(() -> Losses.classification(config, logits, labels))
          .as("%s", labels)
          .isInstanceOf(InvalidInputException.class);
    }
  }
}
