package io.github.vit4j.cli;

import io.github.vit4j.error.InvalidInputException;
import io.github.vit4j.error.ModelNotFoundException;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.Checkpoint;
import io.github.vit4j.weights.Weight;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The tensors that {@code vit run} reads.
 *
 * @param pixelValues float32 [n, channels, height, width]
 * @param boolMaskedPos bool [n, patches]
 * @param labels int64 [n], or float32 [n, labels]
 */
record RunInputs(Tensor pixelValues, @Nullable Tensor boolMaskedPos, @Nullable Tensor labels) {
  private static final String PIXEL_VALUES = "pixel_values";
  private static final String BOOL_MASKED_POS = "bool_masked_pos";
  private static final String LABELS = "labels";

  /**
   * Maps the file; tensors of other names are reported and left out.
   *
   * @throws InvalidInputException if a tensor is missing, or is not one of this task
   */
  static RunInputs read(Path file, Task task, PrintWriter err) {
    if (!Files.exists(file)) {
      throw new ModelNotFoundException(
          "there is no file %s; './vit preprocess' makes one from images".formatted(file));
    }
    if (!Files.isRegularFile(file)) {
      throw new InvalidInputException(
          "%s is not a file; --inputs takes a safetensors file with pixel_values".formatted(file));
    }
    Checkpoint tensors = Checkpoint.open(file);
    Weight pixelValues = tensors.get(PIXEL_VALUES);
    if (pixelValues == null) {
      throw new InvalidInputException(
          "%s holds no tensor %s; it has %s".formatted(file, PIXEL_VALUES, tensors.names()));
    }
    Tensor mask = tensor(tensors, BOOL_MASKED_POS);
    Tensor labels = tensor(tensors, LABELS);
    if (mask != null && task == Task.CLASSIFICATION) {
      throw new InvalidInputException(
          "%s holds bool_masked_pos, which --task classification does not take".formatted(file));
    }
    if (labels != null) {
      checkLabels(file, task, labels);
    }
    Set<String> others = new TreeSet<>(tensors.names());
    others.removeAll(Set.of(PIXEL_VALUES, BOOL_MASKED_POS, LABELS));
    if (!others.isEmpty()) {
      err.println(
          "vit: warning: %s"
              .formatted(
                  Failures.oneLine("tensors that are not used: " + String.join(", ", others))));
    }
    return new RunInputs(pixelValues.tensor(), mask, labels);
  }

  private static void checkLabels(Path file, Task task, Tensor labels) {
    if (task != Task.CLASSIFICATION) {
      throw new InvalidInputException(
          "%s holds labels, which only --task classification takes".formatted(file));
    }
    boolean type =
        labels.elementType() == ElementType.INT64 || labels.elementType() == ElementType.FLOAT32;
    if (!type || labels.rank() < 1 || labels.rank() > 2) {
      throw new InvalidInputException(
          "labels must be int64 [images] or float32 [images, labels], got " + labels);
    }
  }

  private static @Nullable Tensor tensor(Checkpoint tensors, String name) {
    Weight weight = tensors.get(name);
    return weight == null ? null : weight.tensor();
  }
}
