package io.github.vit4j.conformance.reference;

import io.github.vit4j.config.Activation;
import org.apache.commons.numbers.gamma.Erf;

/** The activation functions of {@code transformers/activations.py}, in float64. */
final class Activations {
  private Activations() {}

  /** The function's value at {@code x}. */
  static double apply(Activation activation, double x) {
    return switch (activation) {
      case GELU -> gelu(x);
      case GELU_10 -> Math.clamp(gelu(x), -10.0, 10.0);
      case GELU_FAST -> 0.5 * x * (1 + Math.tanh(x * 0.7978845608 * (1 + 0.044715 * x * x)));
      case GELU_TANH ->
          0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
      case HARDSWISH -> x * Math.clamp(x + 3, 0.0, 6.0) / 6;
      case LAPLACE -> 0.5 * (1 + Erf.value((x - 0.707107) / (0.282095 * Math.sqrt(2))));
      case LEAKY_RELU -> x > 0 ? x : 0.01 * x;
      case LINEAR -> x;
      case MISH -> x * Math.tanh(softplus(x));
      case QUICK_GELU -> x * sigmoid(1.702 * x);
      case RELU -> Math.max(x, 0);
      case RELU2 -> Math.max(x, 0) * Math.max(x, 0);
      case RELU6 -> Math.clamp(x, 0.0, 6.0);
      case SIGMOID -> sigmoid(x);
      case SILU -> x * sigmoid(x);
      case SQRTSOFTPLUS -> Math.sqrt(softplus(x));
      case TANH -> Math.tanh(x);
    };
  }

  private static double gelu(double x) {
    return 0.5 * x * (1 + Erf.value(x / Math.sqrt(2)));
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** {@code torch.nn.functional.softplus}, which is x itself beyond 20. */
  private static double softplus(double x) {
    return x > 20 ? x : Math.log1p(Math.exp(x));
  }
}
