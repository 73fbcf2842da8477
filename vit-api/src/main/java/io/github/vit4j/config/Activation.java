package io.github.vit4j.config;

import io.github.vit4j.error.ConfigException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The activation functions that HuggingFace knows by name and that have no parameters of their own
 * ({@code transformers/activations.py}, {@code ACT2FN}). The formulas are what a backend computes.
 */
public enum Activation {
  /** x * Phi(x), exact: 0.5 x (1 + erf(x / sqrt 2)). */
  GELU("gelu", "gelu_python"),
  /** {@link #GELU} clipped to [-10, 10]. */
  GELU_10("gelu_10"),
  /** 0.5 x (1 + tanh(x * 0.7978845608 * (1 + 0.044715 x^2))). */
  GELU_FAST("gelu_fast"),
  /** 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))). */
  GELU_TANH("gelu_new", "gelu_pytorch_tanh", "gelu_python_tanh", "gelu_accurate"),
  /** x * clamp(x + 3, 0, 6) / 6. */
  HARDSWISH("hardswish"),
  /** 0.5 (1 + erf((x - 0.707107) / (0.282095 sqrt 2))). */
  LAPLACE("laplace"),
  /** x where x is positive, else 0.01 x. */
  LEAKY_RELU("leaky_relu"),
  /** x. */
  LINEAR("linear"),
  /** x * tanh(ln(1 + e^x)). */
  MISH("mish"),
  /** x * sigmoid(1.702 x). */
  QUICK_GELU("quick_gelu"),
  /** max(x, 0). */
  RELU("relu"),
  /** max(x, 0)^2. */
  RELU2("relu2"),
  /** min(max(x, 0), 6). */
  RELU6("relu6"),
  /** 1 / (1 + e^-x). */
  SIGMOID("sigmoid"),
  /** x * sigmoid(x). */
  SILU("silu", "swish"),
  /** sqrt(ln(1 + e^x)). */
  SQRTSOFTPLUS("sqrtsoftplus"),
  /** tanh(x). */
  TANH("tanh");

  @SuppressWarnings("ImmutableEnumChecker") // List.of cannot change
  private final List<String> names;

  Activation(String... names) {
    this.names = List.of(names);
  }

  /**
   * {@return the function of that name in {@code hidden_act} or {@code pooler_act}}
   *
   * @param name HuggingFace's, for example {@code gelu_new}
   * @throws ConfigException if the name is unknown, or is one of HuggingFace's functions with
   *     parameters of their own ({@code prelu}, {@code xielu})
   */
  public static Activation ofName(String name) {
    for (Activation activation : values()) {
      if (activation.names.contains(name)) {
        return activation;
      }
    }
    throw new ConfigException(
        "unknown activation function '%s'; known are %s"
            .formatted(
                name,
                Arrays.stream(values())
                    .flatMap(a -> a.names.stream())
                    .sorted()
                    .collect(Collectors.joining(", "))));
  }
}
