package io.github.vit4j.bench;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One line of the result.
 *
 * @param section what kind of measurement
 * @param isOurs whether it is ViT4J's
 * @param what names for names of columns, such as {@code engine} to {@code onnx}
 * @param seconds a run, a photo or a process took, one value a turn
 * @param ratio to transformers in float32 in the same turn; null where there is no Python
 * @param more other figures by name
 */
public record Measurement(
    Section section,
    boolean isOurs,
    Map<String, String> what,
    Samples seconds,
    @Nullable Samples ratio,
    Map<String, Double> more) {
  /** Kinds of measurements. */
  public enum Section {
    /** The model on tensors. */
    RUNS("Model on tensors"),
    /** From a closed file to the first logits. */
    STARTS("Loading, in a process of its own"),
    /** Files to pixel values. */
    PREPROCESSING("Photo files to pixel values, one thread"),
    /** Files to labels. */
    LABELS("Photo files to labels, decoding, preprocessing and model overlapped"),
    /** The command line for one photo. */
    PROCESS("One photo, the whole process");

    private final String title;

    Section(String title) {
      this.title = title;
    }

    /** For people. */
    public String title() {
      return title;
    }
  }

  /** Checks nothing; the order of the names stays. */
  public Measurement {
    what = Collections.unmodifiableMap(new LinkedHashMap<>(what));
    more = Collections.unmodifiableMap(new LinkedHashMap<>(more));
  }

  /** The median ratio, not a number without one. */
  double medianRatio() {
    return ratio == null ? Double.NaN : ratio.median();
  }

  boolean isAt(String column, String value) {
    return value.equals(what.get(column));
  }
}
