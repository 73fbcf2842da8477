package io.github.vit4j.conformance.faults;

import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.conformance.Requirement;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTOutputs;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Backends that hand out something else than they computed. */
final class WrongOutputs {
  private WrongOutputs() {}

  static List<Fault> all() {
    return List.of(
        tensors("logits after softmax", Requirement.LOGITS, Output.LOGITS, WrongOutputs::softmax),
        tensors(
            "logits in half the size",
            Requirement.LOSSES,
            Output.LOGITS,
            logits -> Edits.mapped(logits, x -> x / 2)),
        new Fault(
            "two logits where there are no labels",
            Requirement.LABELS,
            AlteredBackend.ofRuns(WrongOutputs::twoLogits)),
        runs(
            "no final layer normalisation",
            Requirement.LAST_HIDDEN_STATE,
            Output.HIDDEN_STATES,
            WrongOutputs::leaveOutNormalisation),
        runs(
            "no final layer normalisation where there are no layers",
            Requirement.NO_LAYERS,
            Output.HIDDEN_STATES,
            outputs -> {
              if (of(outputs, Output.HIDDEN_STATES).size() == 1) {
                leaveOutNormalisation(outputs);
              }
            }),
        runs(
            "the last hidden state after layer normalisation",
            Requirement.HIDDEN_STATES,
            Output.LAST_HIDDEN_STATE,
            outputs -> {
              List<Tensor> hiddenStates = new ArrayList<>(of(outputs, Output.HIDDEN_STATES));
              if (!hiddenStates.isEmpty()) {
                hiddenStates.removeLast();
                hiddenStates.addAll(of(outputs, Output.LAST_HIDDEN_STATE));
                outputs.put(Output.HIDDEN_STATES, hiddenStates);
              }
            }),
        runs(
            "no hidden state before the first layer",
            Requirement.HIDDEN_STATES,
            Output.LAST_HIDDEN_STATE,
            outputs ->
                outputs.computeIfPresent(
                    Output.HIDDEN_STATES, (o, list) -> list.subList(1, list.size()))),
        tensors(
            "attention weights keys by queries",
            Requirement.ATTENTIONS,
            Output.ATTENTIONS,
            WrongOutputs::lastTwoAxesSwapped),
        new Fault(
            "the decoder given the CLS token",
            Requirement.RECONSTRUCTION,
            AlteredBackend.ofRuns(
                (model, correct) ->
                    inputs ->
                        Edits.mapped(
                            correct.run(inputs),
                            Output.RECONSTRUCTION,
                            image -> patchesMovedOn(model.config(), image)))),
        new Fault(
            "the patch size in the place of encoder_stride",
            Requirement.ENCODER_STRIDE,
            AlteredBackend.ofRuns(
                (model, correct) ->
                    inputs ->
                        Edits.mapped(
                            correct.run(inputs),
                            Output.RECONSTRUCTION,
                            image -> ofTheInputsSize(inputs.pixelValues(), image)))),
        new Fault(
            "everything handed out whether asked for or not",
            Requirement.ONLY_WHAT_WAS_ASKED,
            AlteredBackend.ofRuns(
                (model, correct) ->
                    inputs -> {
                      inputs.checkAgainst(model);
                      return correct.run(Edits.asking(inputs, model.outputs()));
                    })),
        new Fault(
            "one of several outputs handed out",
            Requirement.ONLY_WHAT_WAS_ASKED,
            AlteredBackend.ofRuns(WrongOutputs::firstOutputOnly)),
        new Fault(
            "the same memory handed out again",
            Requirement.OUTPUTS_ARE_THE_CALLERS,
            AlteredBackend.ofRuns(WrongOutputs::sameMemory)),
        new Fault(
            "pixels normalised in place",
            Requirement.OUTPUTS_ARE_THE_CALLERS,
            AlteredBackend.ofRuns(WrongOutputs::changingPixels)),
        new Fault(
            "the last bits different in every other run",
            Requirement.DETERMINISM,
            AlteredBackend.ofRuns(WrongOutputs::restless)));
  }

  private static Fault tensors(
      String name, Requirement caughtBy, Output output, UnaryOperator<Tensor> edit) {
    return new Fault(
        name,
        caughtBy,
        AlteredBackend.ofRuns(
            (model, correct) -> inputs -> Edits.mapped(correct.run(inputs), output, edit)));
  }

  private interface Edit {
    void apply(Map<Output, List<Tensor>> outputs);
  }

  /** Edits outputs of which one is there even if nobody asked for it. */
  private static Fault runs(String name, Requirement caughtBy, Output needed, Edit edit) {
    return new Fault(
        name,
        caughtBy,
        AlteredBackend.ofRuns(
            (model, correct) ->
                inputs -> {
                  Map<Output, List<Tensor>> outputs =
                      Edits.tensors(correct.run(Edits.askingAlso(inputs, needed)));
                  edit.apply(outputs);
                  outputs.keySet().retainAll(inputs.outputs());
                  return Edits.outputs(outputs);
                }));
  }

  private static List<Tensor> of(Map<Output, List<Tensor>> outputs, Output output) {
    return outputs.getOrDefault(output, List.of());
  }

  private static void leaveOutNormalisation(Map<Output, List<Tensor>> outputs) {
    outputs.computeIfPresent(
        Output.LAST_HIDDEN_STATE,
        (output, normalised) -> List.of(of(outputs, Output.HIDDEN_STATES).getLast()));
  }

  private static Tensor softmax(Tensor logits) {
    Tensor result = Edits.mapped(logits, Math::exp);
    long labels = logits.dimension(1);
    for (long row = 0; row < logits.dimension(0); row++) {
      double sum = 0;
      for (long i = row * labels; i < (row + 1) * labels; i++) {
        sum += result.getDouble(i);
      }
      for (long i = row * labels; i < (row + 1) * labels; i++) {
        result.setFloat(i, (float) (result.getDouble(i) / sum));
      }
    }
    return result;
  }

  private static Function<ViTInputs, ViTOutputs> twoLogits(
      ModelDefinition model, ViTSession correct) {
    BiFunction<Output, Tensor, Tensor> edit =
        (output, tensor) ->
            output == Output.LOGITS && model.config().numLabels() == 0
                ? Tensor.allocate(ElementType.FLOAT32, tensor.dimension(0), 2)
                : tensor;
    return inputs -> Edits.mapped(correct.run(inputs), edit);
  }

  private static Tensor lastTwoAxesSwapped(Tensor attention) {
    long tokens = attention.dimension(-1);
    return Edits.rearranged(
        attention,
        i -> {
          long weight = i % (tokens * tokens);
          return i - weight + weight % tokens * tokens + weight / tokens;
        });
  }

  /** Tokens 0 to n - 1 decoded instead of 1 to n: each patch is where the next one should be. */
  private static Tensor patchesMovedOn(ViTConfig config, Tensor image) {
    long side = image.dimension(-1);
    long stride = config.encoderStride();
    long grid = side / stride;
    return Edits.rearranged(
        image,
        i -> {
          long x = i % side;
          long y = i / side % side;
          long patch = (y / stride * grid + x / stride + grid * grid - 1) % (grid * grid);
          long from = (patch / grid * stride + y % stride) * side;
          return i / (side * side) * (side * side) + from + patch % grid * stride + x % stride;
        });
  }

  private static Tensor ofTheInputsSize(Tensor pixels, Tensor image) {
    if (Arrays.equals(pixels.shape(), image.shape())) {
      return image;
    }
    Tensor result = Tensor.allocate(ElementType.FLOAT32, pixels.shape());
    for (long i = 0; i < result.elementCount(); i++) {
      result.setFloat(i, image.getFloat(i % image.elementCount()));
    }
    return result;
  }

  private static Function<ViTInputs, ViTOutputs> firstOutputOnly(
      ModelDefinition model, ViTSession correct) {
    return inputs -> correct.run(Edits.asking(inputs, Set.of(inputs.outputs().iterator().next())));
  }

  private static Function<ViTInputs, ViTOutputs> sameMemory(
      ModelDefinition model, ViTSession correct) {
    Map<String, Tensor> buffers = new HashMap<>();
    return inputs -> {
      ViTOutputs outputs = correct.run(inputs);
      AtomicInteger number = new AtomicInteger();
      synchronized (buffers) {
        return Edits.mapped(
            outputs,
            (output, tensor) -> {
              Tensor buffer =
                  buffers.computeIfAbsent(
                      number.getAndIncrement() + " " + output + tensor,
                      key -> Tensor.allocate(ElementType.FLOAT32, tensor.shape()));
              buffer.data().copyFrom(tensor.data());
              return buffer;
            });
      }
    };
  }

  private static Function<ViTInputs, ViTOutputs> changingPixels(
      ModelDefinition model, ViTSession correct) {
    return inputs -> {
      ViTOutputs outputs = correct.run(inputs);
      Tensor pixels = inputs.pixelValues();
      for (long i = 0; i < pixels.elementCount(); i++) {
        pixels.setFloat(i, (pixels.getFloat(i) - 0.5f) / 0.5f);
      }
      return outputs;
    };
  }

  private static Function<ViTInputs, ViTOutputs> restless(
      ModelDefinition model, ViTSession correct) {
    AtomicInteger runs = new AtomicInteger();
    return inputs -> {
      boolean second = runs.getAndIncrement() % 2 == 1;
      return Edits.mapped(
          correct.run(inputs),
          (output, tensor) -> Edits.mapped(tensor, x -> second ? Math.nextUp((float) x) : x));
    };
  }
}
