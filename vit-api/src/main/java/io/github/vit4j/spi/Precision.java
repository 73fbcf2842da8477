package io.github.vit4j.spi;

import io.github.vit4j.error.BackendException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The arithmetic of a session: the type of weights and activations in its matrix products. */
public enum Precision {
  /**
   * IEEE single precision throughout: HuggingFace's numbers. What is used unless something else is
   * asked for.
   */
  FP32("float32"),
  /** IEEE half precision. */
  FP16("float16"),
  /** The upper half of single precision. */
  BF16("bfloat16"),
  /** 8-bit integer matrix products on quantised weights and activations. */
  INT8("int8");

  private final String torchName;

  Precision(String torchName) {
    this.torchName = torchName;
  }

  /**
   * {@return the precision of that name}
   *
   * @param name torch's or the constant's, in any case, for example {@code bfloat16} or {@code
   *     BF16}
   * @throws BackendException if there is none; the message lists the known ones
   */
  public static Precision ofName(String name) {
    for (Precision precision : values()) {
      if (precision.torchName.equalsIgnoreCase(name) || precision.name().equalsIgnoreCase(name)) {
        return precision;
      }
    }
    throw new BackendException(
        "unknown precision '%s'; known are %s"
            .formatted(
                name.toLowerCase(Locale.ROOT),
                Arrays.stream(values())
                    .map(Precision::toString)
                    .collect(Collectors.joining(", "))));
  }

  /** {@return torch's name, for example {@code bfloat16}} */
  @Override
  public String toString() {
    return torchName;
  }
}
