package io.github.vit4j.backend.djl;

import io.github.vit4j.config.Activation;
import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.spi.ModelDefinition;
import io.github.vit4j.spi.Precision;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Writes the forward pass of {@code transformers/models/vit/modeling_vit.py} as TorchScript: the
 * template {@code vit.py} with the numbers of a configuration filled in.
 */
final class ViTScript {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{([a-z_]+)}");

  private ViTScript() {}

  /**
   * A script that is given its weights when it is loaded, and writes its outputs to given memory.
   */
  static String forSession(ModelDefinition model, Arithmetic arithmetic) {
    Map<String, String> values = values(model, arithmetic);
    values.put("parameters", "");
    values.put("attributes", "  weights : List[Tensor]");
    values.put(
        "packed",
        arithmetic.packed()
            ? "ops.mkldnn._reorder_linear_weight(torch.to(x, %d))".formatted(arithmetic.dtype())
            : "torch.to(x, %d)".formatted(arithmetic.dtype()));
    values.put("methods", fill(template("load-and-run.py"), values).stripTrailing());
    return fill(template("vit.py"), values);
  }

  /**
   * A script with parameters of its own, in float32, and with HuggingFace's {@code forward}.
   *
   * @param names the parameters in the order of {@link WeightList}
   */
  static String forExport(ModelDefinition model, List<String> names) {
    boolean classifier = model.architecture() == Architecture.VIT_FOR_IMAGE_CLASSIFICATION;
    boolean lastHiddenState = model.architecture() == Architecture.VIT_MODEL;
    boolean head = !lastHiddenState || model.hasPooler();
    Map<String, String> values = values(model, Arithmetic.of(Precision.FP32));
    Set<String> distinct = new LinkedHashSet<>(names);
    values.put(
        "parameters", distinct.stream().map(n -> "\"" + n + "\", ").collect(Collectors.joining()));
    values.put(
        "attributes",
        distinct.stream().map(n -> "  " + n + " : Tensor").collect(Collectors.joining("\n")));
    values.put("weights", names.stream().map(n -> "self." + n).collect(Collectors.joining(", ")));
    values.put(
        "arguments",
        "pixel_values: Tensor, "
            + (model.hasMaskToken() ? "bool_masked_pos: Optional[Tensor]=None, " : "")
            + "interpolate_pos_encoding: bool=False");
    values.put("bool_masked_pos", model.hasMaskToken() ? "bool_masked_pos" : "None");
    values.put("first_token_only", classifier ? "True" : "False");
    values.put("last_hidden_state", lastHiddenState ? "True" : "False");
    values.put("want_head", head ? "True" : "False");
    values.put(
        "results",
        switch (model.architecture()) {
          case VIT_FOR_IMAGE_CLASSIFICATION -> "{\"logits\": others[0]}";
          case VIT_FOR_MASKED_IMAGE_MODELING -> "{\"reconstruction\": others[0]}";
          case VIT_MODEL ->
              head
                  ? "{\"last_hidden_state\": others[0], \"pooler_output\": others[1]}"
                  : "{\"last_hidden_state\": others[0]}";
        });
    values.put("methods", fill(template("forward.py"), values).stripTrailing());
    return fill(template("vit.py"), values);
  }

  private static Map<String, String> values(ModelDefinition model, Arithmetic arithmetic) {
    ViTConfig config = model.config();
    int layers = config.numHiddenLayers();
    Map<String, String> values = new TreeMap<>();
    values.put("dtype", Integer.toString(arithmetic.dtype()));
    values.put("patch_height", Integer.toString(config.patchSize().height()));
    values.put("patch_width", Integer.toString(config.patchSize().width()));
    values.put("side", Integer.toString((int) Math.sqrt(config.numPatches())));
    values.put("hidden", Integer.toString(config.hiddenSize()));
    values.put("heads", Integer.toString(config.numAttentionHeads()));
    values.put("head_size", Integer.toString(config.headSize()));
    values.put("layers", Integer.toString(layers));
    values.put("layer_norm_eps", number(config.layerNormEps()));
    values.put("scale", number(Math.pow(config.headSize(), -0.5)));
    values.put("query_bias", config.qkvBias() ? "w[i + 3]" : "None");
    values.put("key_bias", config.qkvBias() ? "w[i + 5]" : "None");
    values.put("value_bias", config.qkvBias() ? "w[i + 7]" : "None");
    values.put(
        "attended_plus_bias", config.qkvBias() ? "torch.add(attended, w[i + 7])" : "attended");
    values.put("raw_key", Integer.toString(layers == 0 ? 0 : WeightList.lastKeyAndValue(layers)));
    values.put(
        "raw_value", Integer.toString(layers == 0 ? 0 : WeightList.lastKeyAndValue(layers) + 1));
    values.put("final", Integer.toString(WeightList.finalNorm(layers)));
    values.put(
        "linear",
        arithmetic.packed() ? packedLinear("w", "b", "none", "None") : "torch.linear(x, w, b)");
    values.put("intermediate", intermediate(config.hiddenActivation(), arithmetic));
    values.put("head", head(model));
    return values;
  }

  private static String packedLinear(String w, String b, String activation, String algorithm) {
    return "ops.mkldnn._linear_pointwise(x, %s, %s, \"%s\", annotate(List[Optional[number]], []), %s)"
        .formatted(w, b, activation, algorithm);
  }

  /** The first half of the MLP; oneDNN applies the commonest functions before it rounds. */
  private static String intermediate(Activation activation, Arithmetic arithmetic) {
    String w = "w[i + 12]";
    String b = "w[i + 13]";
    if (arithmetic.packed()) {
      switch (activation) {
        case GELU -> {
          return packedLinear(w, b, "gelu", "\"none\"");
        }
        case GELU_TANH -> {
          return packedLinear(w, b, "gelu", "\"tanh\"");
        }
        case RELU -> {
          return packedLinear(w, b, "relu", "None");
        }
        default -> {}
      }
    }
    return "self.linear(x, %s, %s)%n    x = %s"
        .formatted(w, b, Activations.expression(activation))
        .replace("\r", "");
  }

  private static String head(ModelDefinition model) {
    ViTConfig config = model.config();
    int index = WeightList.head(config.numHiddenLayers());
    String linear = "self.linear(x, w[%d], w[%d])".formatted(index, index + 1);
    String cls = "    x = torch.select(sequence, 1, 0)\n";
    return switch (model.architecture()) {
      case VIT_FOR_IMAGE_CLASSIFICATION ->
          cls + "    return " + (config.numLabels() == 0 ? "x" : linear);
      case VIT_MODEL ->
          model.hasPooler()
              ? cls
                  + "    x = "
                  + linear
                  + "\n    return "
                  + Activations.expression(config.poolerActivation())
              : cls + "    return x";
      case VIT_FOR_MASKED_IMAGE_MODELING ->
          """
              x = torch.slice(sequence, 1, 1)
              side = int(torch.sqrt(float(torch.size(x, 1))))
              x = torch.transpose(%s, 1, 2)
              x = torch.reshape(x, [torch.size(x, 0), -1, side, side])
              return torch.pixel_shuffle(x, %d)"""
              .indent(4)
              .stripTrailing()
              .formatted(linear, config.encoderStride());
    };
  }

  /** A number that TorchScript reads as a float. */
  private static String number(double value) {
    return Double.toString(value).toLowerCase(Locale.ROOT);
  }

  private static String fill(String template, Map<String, String> values) {
    return PLACEHOLDER
        .matcher(template)
        .replaceAll(
            match -> {
              String value = values.get(match.group(1));
              if (value == null) {
                throw new IllegalStateException("no value for " + match.group());
              }
              return Matcher.quoteReplacement(value);
            });
  }

  private static String template(String name) {
    try (InputStream stream = ViTScript.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IllegalStateException("this jar lacks " + name);
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
