package io.github.vit4j.backend.djl;

import io.github.vit4j.config.Activation;

/** The activation functions of {@code transformers/activations.py} as TorchScript expressions. */
final class Activations {
  private Activations() {}

  /** {@code activation} of the tensor named {@code x}. */
  static String expression(Activation activation) {
    return switch (activation) {
      case GELU -> "torch.gelu(x)";
      case GELU_10 -> "torch.clamp(torch.gelu(x), -10., 10.)";
      case GELU_FAST -> "0.5 * x * (1. + torch.tanh(x * 0.7978845608 * (1. + 0.044715 * x * x)))";
      case GELU_TANH -> "torch.gelu(x, approximate=\"tanh\")";
      case HARDSWISH -> "torch.hardswish(x)";
      case LAPLACE ->
          "0.5 * (1. + torch.erf((x - 0.707107) / %s))".formatted(0.282095 * Math.sqrt(2));
      case LEAKY_RELU -> "torch.leaky_relu(x, 0.01)";
      case LINEAR -> "x";
      case MISH -> "torch.mish(x)";
      case QUICK_GELU -> "x * torch.sigmoid(1.702 * x)";
      case RELU -> "torch.relu(x)";
      case RELU2 -> "torch.square(torch.relu(x))";
      case RELU6 -> "torch.relu6(x)";
      case SIGMOID -> "torch.sigmoid(x)";
      case SILU -> "torch.silu(x)";
      case SQRTSOFTPLUS -> "torch.sqrt(torch.softplus(x))";
      case TANH -> "torch.tanh(x)";
    };
  }
}
