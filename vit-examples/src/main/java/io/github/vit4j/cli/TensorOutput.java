package io.github.vit4j.cli;

import io.github.vit4j.config.Json;
import io.github.vit4j.tensor.Tensor;
import io.github.vit4j.weights.Safetensors;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes tensors and says what was written. */
final class TensorOutput {
  @Option(
      names = "--json",
      description =
          "Print the summary as JSON: {\"file\", \"tensors\": {NAME: {\"dtype\", \"shape\"}}}.")
  private boolean json;

  boolean isJson() {
    return json;
  }

  /** Writes {@code tensors}; the file appears whole or not at all. */
  void write(
      PrintWriter out, Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
    Safetensors.write(file, tensors, metadata);
    if (json) {
      ObjectNode summary = Json.object();
      summary.put("file", file.toString());
      ObjectNode list = summary.putObject("tensors");
      tensors.forEach(
          (name, tensor) -> {
            ObjectNode entry = list.putObject(name);
            entry.put("dtype", tensor.elementType().toString());
            ArrayNode shape = entry.putArray("shape");
            for (long dimension : tensor.shape()) {
              shape.add(dimension);
            }
          });
      out.println(Json.toPrettyString(summary));
    } else {
      Map<String, String> described = new LinkedHashMap<>();
      tensors.forEach((name, tensor) -> described.put(name, name + " " + tensor));
      out.println("wrote %s: %s".formatted(file, String.join(", ", described.values())));
    }
  }
}
