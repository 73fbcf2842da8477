package io.github.vit4j.conformance.faults;

import io.github.vit4j.config.ImageSize;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.conformance.Requirement;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.Precision;
import io.github.vit4j.spi.SessionOptions;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.ParameterNames;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/** Backends that compute something of other inputs than they were given. */
final class WrongInputs {
  private WrongInputs() {}

  static List<Fault> all() {
    return List.of(
        fault("rows of a batch mixed", Requirement.BATCHES, (model, inputs) -> rowsMixed(inputs)),
        fault(
            "mask ignored",
            Requirement.MASKS,
            (model, inputs) ->
                new ViTInputs(
                    inputs.pixelValues(), null, inputs.interpolatePosEncoding(), inputs.outputs())),
        fault(
            "the first image's mask for all images",
            Requirement.MASKS,
            (model, inputs) -> firstMask(inputs)),
        new Fault(
            "mask after positions",
            Requirement.MASKS,
            AlteredBackend.ofRuns((model, correct) -> inputs -> maskedAfter(model, inputs))),
        fault(
            "channels in reverse order",
            Requirement.CHANNELS,
            (model, inputs) -> Edits.pixels(inputs, channelsReversed(inputs.pixelValues()))),
        fault(
            "pixels left out at the top and left",
            Requirement.PARTIAL_PATCHES,
            (model, inputs) -> Edits.pixels(inputs, movedToTheEnd(model.config(), inputs))),
        fault(
            "memory taken as native whatever it is",
            Requirement.FOREIGN_MEMORY,
            (model, inputs) -> {
              if (!inputs.pixelValues().data().isNative()) {
                throw new UnsupportedOperationException("not a native address");
              }
              return inputs;
            }),
        positions("nearest positions", x -> x > -0.5 && x <= 0.5 ? 1 : 0),
        positions("bilinear positions", x -> Math.max(0, 1 - Math.abs(x))),
        positions("bicubic positions with a = -0.5", x -> keys(Math.abs(x), -0.5)));
  }

  private static Fault fault(
      String name, Requirement caughtBy, BiFunction<ModelDefinition, ViTInputs, ViTInputs> edit) {
    return new Fault(
        name,
        caughtBy,
        AlteredBackend.ofRuns(
            (model, correct) ->
                inputs -> {
                  inputs.checkAgainst(model);
                  return correct.run(edit.apply(model, inputs));
                }));
  }

  /** Another kernel, whose weights sum to 1, in the place of torch's bicubic one. */
  private static Fault positions(String name, DoubleUnaryOperator kernel) {
    return new Fault(
        name,
        Requirement.INTERPOLATED_POSITIONS,
        AlteredBackend.ofRuns(
            (model, correct) ->
                inputs -> {
                  inputs.checkAgainst(model);
                  return inputs.needsInterpolation(model.config())
                      ? interpolated(model, inputs, kernel)
                      : correct.run(inputs);
                }));
  }

  private static double keys(double x, double a) {
    if (x < 1) {
      return ((a + 2) * x - (a + 3)) * x * x + 1;
    }
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
  }

  /** A model of the images' size with positions made for it. */
  private static ViTOutputs interpolated(
      ModelDefinition model, ViTInputs inputs, DoubleUnaryOperator kernel) {
    ViTConfig config = model.config();
    int rows = inputs.patchRows(config);
    int columns = inputs.patchColumns(config);
    int patches = rows * columns;
    int side = (int) Math.sqrt(config.numPatches());
    int hidden = config.hiddenSize();
    Tensor given = tensor(model, ParameterNames.POSITION_EMBEDDINGS);
    Tensor positions = Tensor.allocate(ElementType.FLOAT32, 1, 1L + patches, hidden);
    for (int feature = 0; feature < hidden; feature++) {
      positions.setFloat(feature, given.getFloat(feature));
      for (int patch = 0; patch < patches; patch++) {
        int patchRow = patch / columns;
        double y = (patchRow + 0.5) * side / rows - 0.5;
        double x = (patch % columns + 0.5) * side / columns - 0.5;
        double sum = 0;
        for (int i = (int) Math.floor(y) - 1; i <= Math.floor(y) + 2; i++) {
          for (int j = (int) Math.floor(x) - 1; j <= Math.floor(x) + 2; j++) {
            int row = Math.clamp(i, 0, side - 1);
            int column = Math.clamp(j, 0, side - 1);
            sum +=
                kernel.applyAsDouble(y - i)
                    * kernel.applyAsDouble(x - j)
                    * given.getDouble((1 + row * (long) side + column) * hidden + feature);
          }
        }
        positions.setFloat((1L + patch) * hidden + feature, (float) sum);
      }
    }
    ImageSize size = inputs.imageSize();
    ModelDefinition resized =
        WrongModels.config(builder -> builder.imageSize(size))
            .apply(withPositions(model, positions));
    return run(
        resized,
        new ViTInputs(inputs.pixelValues(), inputs.boolMaskedPos(), false, inputs.outputs()));
  }

  /** Masked patches have no position, as if the mask token were put over both. */
  private static ViTOutputs maskedAfter(ModelDefinition model, ViTInputs inputs) {
    inputs.checkAgainst(model);
    Tensor mask = inputs.boolMaskedPos();
    if (mask == null || inputs.needsInterpolation(model.config())) {
      return run(model, inputs);
    }
    Tensor positions = tensor(model, ParameterNames.POSITION_EMBEDDINGS);
    int hidden = model.config().hiddenSize();
    return Edits.batch(
        IntStream.range(0, inputs.batchSize())
            .mapToObj(
                image -> {
                  Tensor masked = Edits.mapped(positions, x -> x);
                  for (long i = hidden; i < masked.elementCount(); i++) {
                    if (mask.slice(image).getBoolean(i / hidden - 1)) {
                      masked.setFloat(i, 0);
                    }
                  }
                  return run(withPositions(model, masked), Edits.image(inputs, image));
                })
            .toList());
  }

  private static ModelDefinition withPositions(ModelDefinition model, Tensor positions) {
    return WrongModels.weights(
            (m, name) ->
                name.equals(ParameterNames.POSITION_EMBEDDINGS) ? positions : tensor(m, name))
        .apply(model);
  }

  private static Tensor tensor(ModelDefinition model, String name) {
    return Objects.requireNonNull(model.weight(name), name).tensor();
  }

  private static ViTOutputs run(ModelDefinition model, ViTInputs inputs) {
    try (ViTSession session =
        AlteredBackend.CORRECT.open(model, new SessionOptions("cpu", Precision.FP32, 1, false))) {
      return session.run(inputs);
    }
  }

  private static ViTInputs rowsMixed(ViTInputs inputs) {
    Tensor pixels = inputs.pixelValues();
    long image = pixels.elementCount() / pixels.dimension(0);
    return Edits.pixels(inputs, Edits.rearranged(pixels, i -> (i + image) % pixels.elementCount()));
  }

  private static ViTInputs firstMask(ViTInputs inputs) {
    Tensor mask = inputs.boolMaskedPos();
    if (mask == null) {
      return inputs;
    }
    boolean[] repeated = new boolean[Math.toIntExact(mask.elementCount())];
    for (int i = 0; i < repeated.length; i++) {
      repeated[i] = mask.getBoolean(i % mask.dimension(1));
    }
    return new ViTInputs(
        inputs.pixelValues(),
        Tensor.of(repeated, mask.shape()),
        inputs.interpolatePosEncoding(),
        inputs.outputs());
  }

  private static Tensor channelsReversed(Tensor pixels) {
    long plane = pixels.dimension(2) * pixels.dimension(3);
    long channels = pixels.dimension(1);
    return Edits.rearranged(
        pixels,
        i -> {
          long channel = i / plane % channels;
          return i + (channels - 1 - 2 * channel) * plane;
        });
  }

  /** So that those at the end, and not those at the start, fill no patch. */
  private static Tensor movedToTheEnd(ViTConfig config, ViTInputs inputs) {
    long height = inputs.imageSize().height();
    long width = inputs.imageSize().width();
    long down = height % config.patchSize().height();
    long right = width % config.patchSize().width();
    return Edits.rearranged(
        inputs.pixelValues(),
        i -> {
          long y = (i / width % height + down) % height;
          long x = (i % width + right) % width;
          return i / (height * width) * (height * width) + y * width + x;
        });
  }
}
