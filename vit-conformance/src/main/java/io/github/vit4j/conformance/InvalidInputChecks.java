package io.github.vit4j.conformance;

import static io.github.vit4j.conformance.Checks.finding;
import static io.github.vit4j.conformance.Checks.notConforming;
import static io.github.vit4j.conformance.Checks.require;

import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.spi.Output;
import io.github.vit4j.spi.ViTInputs;
import io.github.vit4j.spi.ViTSession;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Requirement 6.7: what does not fit is refused, and the session is as good as before. */
final class InvalidInputChecks {
  private final Subject subject;

  private InvalidInputChecks(Subject subject) {
    this.subject = subject;
  }

  static List<Check> of(Subject subject) {
    InvalidInputChecks checks = new InvalidInputChecks(subject);
    return Stream.concat(
            Stream.of("classifier", "model_with_mask_token", "masked").flatMap(checks::of),
            Stream.of(
                finding(
                    Requirement.INVALID_INPUTS,
                    "pixels whose memory was released",
                    checks::survivesReleasedMemory)))
        .toList();
  }

  private Stream<Check> of(String name) {
    ReferenceCase reference = ReferenceCases.named(name);
    Map<String, ViTInputs> wrong = new LinkedHashMap<>();
    switch (name) {
      case "classifier" -> forClassifier(wrong);
      case "model_with_mask_token" -> forMasks(wrong);
      default -> forMaskedImageModeling(wrong);
    }
    return wrong.entrySet().stream()
        .map(
            entry ->
                finding(
                    Requirement.INVALID_INPUTS,
                    name + ": " + entry.getKey(),
                    () -> refuses(reference, entry.getValue())));
  }

  private static void forClassifier(Map<String, ViTInputs> wrong) {
    wrong.put("one channel for three", logits(floats(1, 1, 8, 8), false));
    wrong.put("images of another size", logits(floats(1, 3, 4, 16), false));
    wrong.put("images smaller than a patch", logits(floats(1, 3, 3, 3), true));
    wrong.put("an image without a batch", logits(floats(3, 8, 8), false));
    wrong.put("no images", logits(floats(0, 3, 8, 8), false));
    wrong.put("float64 pixels", logits(Tensor.allocate(ElementType.FLOAT64, 1, 3, 8, 8), false));
    wrong.put("uint8 pixels", logits(Tensor.allocate(ElementType.UINT8, 1, 3, 8, 8), false));
    wrong.put(
        "a mask without a mask token",
        new ViTInputs(floats(1, 3, 8, 8), mask(1, 4), false, Set.of(Output.LOGITS)));
    wrong.put("a pooler output", asking(floats(1, 3, 8, 8), null, Output.POOLER_OUTPUT));
    wrong.put("a reconstruction", asking(floats(1, 3, 8, 8), null, Output.RECONSTRUCTION));
  }

  private static void forMasks(Map<String, ViTInputs> wrong) {
    wrong.put(
        "a mask for more patches",
        asking(floats(1, 3, 8, 8), mask(1, 5), Output.LAST_HIDDEN_STATE));
    wrong.put(
        "a mask for fewer images",
        asking(floats(2, 3, 8, 8), mask(1, 4), Output.LAST_HIDDEN_STATE));
    wrong.put(
        "a mask of float32", asking(floats(1, 3, 8, 8), floats(1, 4), Output.LAST_HIDDEN_STATE));
    wrong.put("logits", asking(floats(1, 3, 8, 8), null, Output.LOGITS));
  }

  private static void forMaskedImageModeling(Map<String, ViTInputs> wrong) {
    wrong.put(
        "a number of patches that is not a square",
        new ViTInputs(floats(1, 3, 8, 16), null, true, Set.of(Output.RECONSTRUCTION)));
    wrong.put(
        "a mask of one image for two",
        asking(floats(2, 3, 8, 8), mask(1, 4), Output.RECONSTRUCTION));
  }

  private static Tensor floats(long... shape) {
    return Tensor.allocate(ElementType.FLOAT32, shape);
  }

  private static Tensor mask(long... shape) {
    return Tensor.allocate(ElementType.BOOL, shape);
  }

  private static ViTInputs logits(Tensor pixels, boolean interpolate) {
    return new ViTInputs(pixels, null, interpolate, Set.of(Output.LOGITS));
  }

  private static ViTInputs asking(Tensor pixels, @Nullable Tensor mask, Output output) {
    return new ViTInputs(pixels, mask, false, Set.of(output));
  }

  private void refuses(ReferenceCase reference, ViTInputs wrong) {
    ReferenceRun good = BehaviourChecks.everything(reference);
    try (ViTSession session = Checks.open(subject, reference.model())) {
      refuses(session, wrong);
      Checks.compare(subject, session.run(good.inputs()), good.expected());
      refuses(session, wrong);
    }
  }

  private static void refuses(ViTSession session, ViTInputs wrong) {
    try {
      session.run(wrong);
    } catch (InvalidInputException e) {
      require(
          String.valueOf(e.getMessage()).lines().count() == 1,
          "the message is not one line: %s",
          Checks.describe(e));
      return;
    } catch (RuntimeException e) {
      throw notConforming("threw %s, expected InvalidInputException", Checks.describe(e));
    }
    throw notConforming("was taken as if nothing were wrong");
  }

  private void survivesReleasedMemory() {
    ReferenceCase reference = ReferenceCases.named("classifier");
    ReferenceRun good = BehaviourChecks.everything(reference);
    Tensor released;
    try (Arena arena = Arena.ofShared()) {
      released = Tensor.allocate(arena, ElementType.FLOAT32, 1, 3, 8, 8);
    }
    try (ViTSession session = Checks.open(subject, reference.model())) {
      boolean refused = false;
      try {
        session.run(logits(released, false));
      } catch (RuntimeException e) {
        refused = true; // any exception will do; a crash of the JVM will not
      }
      require(refused, "computed something from memory that was released");
      Checks.compare(subject, session.run(good.inputs()), good.expected());
    }
  }
}
