package io.github.vit4j.backend.onnx;

import io.github.vit4j.config.Activation;
import java.util.List;

/**
 * The activation functions of {@code transformers/activations.py} as ONNX operators, in float32 to
 * rounding. FastGelu, ONNX Runtime's quick form of GELU, errs by up to 2e-2 and is not used.
 */
final class Activations {
  private Activations() {}

  /** Adds {@code activation} of {@code x} to the graph. */
  static String apply(GraphBuilder graph, Activation activation, String x) {
    return switch (activation) {
      case GELU -> gelu(graph, x);
      case GELU_10 -> clip(graph, gelu(graph, x), -10, 10);
      case GELU_FAST -> {
        String square = graph.multiply(x, x);
        String inner =
            graph.multiply(
                graph.multiply(x, graph.constant((float) 0.7978845608)),
                graph.add(graph.multiply(square, graph.constant(0.044715f)), graph.constant(1f)));
        yield halfTanh(graph, x, inner);
      }
      case GELU_TANH -> {
        String cube = graph.multiply(graph.multiply(x, x), x);
        String inner =
            graph.multiply(
                graph.add(x, graph.multiply(cube, graph.constant(0.044715f))),
                graph.constant((float) Math.sqrt(2 / Math.PI)));
        yield halfTanh(graph, x, inner);
      }
      case HARDSWISH -> graph.op("HardSwish", List.of(x));
      case LAPLACE -> {
        String scaled =
            graph.op(
                "Div",
                List.of(
                    graph.op("Sub", List.of(x, graph.constant(0.707107f))),
                    graph.constant((float) (0.282095 * Math.sqrt(2)))));
        yield graph.multiply(
            graph.add(graph.op("Erf", List.of(scaled)), graph.constant(1f)), graph.constant(0.5f));
      }
      case LEAKY_RELU ->
          graph.op("LeakyRelu", List.of(x), GraphBuilder.floatAttribute("alpha", 0.01f));
      case LINEAR -> x;
      case MISH -> graph.multiply(x, graph.op("Tanh", List.of(graph.op("Softplus", List.of(x)))));
      case QUICK_GELU ->
          graph.multiply(
              x, graph.op("Sigmoid", List.of(graph.multiply(x, graph.constant(1.702f)))));
      case RELU -> graph.op("Relu", List.of(x));
      case RELU2 -> {
        String relu = graph.op("Relu", List.of(x));
        yield graph.multiply(relu, relu);
      }
      case RELU6 -> clip(graph, x, 0, 6);
      case SIGMOID -> graph.op("Sigmoid", List.of(x));
      case SILU -> graph.multiply(x, graph.op("Sigmoid", List.of(x)));
      case SQRTSOFTPLUS -> graph.op("Sqrt", List.of(softplus(graph, x)));
      case TANH -> graph.op("Tanh", List.of(x));
    };
  }

  private static String gelu(GraphBuilder graph, String x) {
    return graph.op("Gelu", List.of(x), GraphBuilder.stringAttribute("approximate", "none"));
  }

  private static String halfTanh(GraphBuilder graph, String x, String inner) {
    return graph.multiply(
        graph.multiply(x, graph.constant(0.5f)),
        graph.add(graph.op("Tanh", List.of(inner)), graph.constant(1f)));
  }

  private static String clip(GraphBuilder graph, String x, float low, float high) {
    return graph.op("Clip", List.of(x, graph.constant(low), graph.constant(high)));
  }

  /**
   * ln(1 + e^x). The operator adds e^x to 1 in float32, which loses the small e^x whose square root
   * is not small; there the series e^x - e^2x / 2 is used.
   */
  private static String softplus(GraphBuilder graph, String x) {
    String threshold = graph.constant(-8f);
    String exponential = graph.op("Exp", List.of(graph.op("Min", List.of(x, threshold))));
    String series =
        graph.op(
            "Sub",
            List.of(
                exponential,
                graph.multiply(graph.multiply(exponential, exponential), graph.constant(0.5f))));
    return graph.op(
        "Where",
        List.of(graph.op("Less", List.of(x, threshold)), series, graph.op("Softplus", List.of(x))));
  }
}
