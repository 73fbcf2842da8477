package io.github.vit4j.cli;

import io.github.vit4j.LoadOptions;
import io.github.vit4j.ViTForImageClassification;
import io.github.vit4j.ViTImageProcessor;
import io.github.vit4j.conformance.PrecisionAgreement;
import io.github.vit4j.error.OneLine;
import io.github.vit4j.error.ViTException;
import io.github.vit4j.hub.ModelFiles;
import io.github.vit4j.image.ImageReader;
import io.github.vit4j.pictures.SamplePhotos;
import io.github.vit4j.spi.BackendProvider;
import io.github.vit4j.spi.Device;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.tensor.Tensor;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One line for each precision of a device beside float32: how far a small classifier's answers to
 * the sample photos change with it.
 */
final class PrecisionNotes {
  private PrecisionNotes() {}

  /**
   * Measures.
   *
   * @param options the backend and device are set from the others
   */
  static List<String> of(
      BackendProvider provider, Device device, ModelFiles model, LoadOptions options) {
    List<String> lines = new ArrayList<>();
    if (device.precisions().contains(Precision.FP32)) {
      device.precisions().stream()
          .sorted()
          .filter(precision -> precision != Precision.FP32)
          .forEach(
              precision ->
                  lines.add(
                      "%s %s, %s against float32: %s"
                          .formatted(
                              provider.name(),
                              device.name(),
                              precision,
                              measured(
                                  model,
                                  options.withBackend(provider.name()).withDevice(device.name()),
                                  precision))));
    }
    return lines;
  }

  private static String measured(ModelFiles model, LoadOptions options, Precision precision) {
    try (Arena arena = Arena.ofShared();
        var expected =
            ViTForImageClassification.fromPretrained(model, options.withPrecision(Precision.FP32));
        var actual =
            ViTForImageClassification.fromPretrained(model, options.withPrecision(precision))) {
      List<Path> photos = new ArrayList<>(SamplePhotos.in(SamplePhotos.drawn()));
      photos.add(SamplePhotos.chelsea());
      Tensor pixels =
          ViTImageProcessor.fromPretrained(model)
              .preprocessFiles(arena, ImageReader.create(), photos);
      return PrecisionAgreement.between(expected, actual, List.of(pixels)) + ", by " + model.name();
    } catch (ViTException e) {
      return "not measured: " + OneLine.of(e);
    }
  }
}
