package io.github.vit4j.conformance;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The reference cases: models, inputs, and what HuggingFace transformers computes from them. They
 * are resources of this module, made by {@code vit-conformance/reference/make_cases.py}, and are
 * found through their index, so that they can lie in a directory or in a jar.
 *
 * <p>Thread-safe.
 */
public final class ReferenceCases {
  private static final String ROOT = "cases/";

  private static final Index INDEX = readIndex();

  private ReferenceCases() {}

  /** What is in {@code index.json}. */
  private record Index(
      List<ReferenceCase> small, List<ReferenceCase> fullSize, Map<String, String> versions) {}

  /** {@return the small models, stored with their weights} */
  public static List<ReferenceCase> all() {
    return INDEX.small;
  }

  /**
   * {@return models of the sizes that are in use} Their weights, 0.3 to 2.5 GB each, are not stored
   * but drawn by {@link ReferenceCase#writeTo}; their runs look at views of the outputs.
   */
  public static List<ReferenceCase> fullSize() {
    return INDEX.fullSize;
  }

  /**
   * {@return the case of that name, small or of full size}
   *
   * @param name see {@link ReferenceCase#name}
   * @throws IllegalArgumentException if there is none; the message lists those there are
   */
  public static ReferenceCase named(String name) {
    return Stream.concat(all().stream(), fullSize().stream())
        .filter(c -> c.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no reference case '%s'; there are %s"
                        .formatted(
                            name,
                            Stream.concat(all().stream(), fullSize().stream())
                                .map(ReferenceCase::name)
                                .collect(Collectors.joining(", ")))));
  }

  /**
   * {@return the versions of what the cases were made with: python, torch, transformers,
   * safetensors, numpy}
   */
  public static Map<String, String> versions() {
    return INDEX.versions;
  }

  private static Index readIndex() {
    JsonNode index;
    try {
      index = Json.readObject(resource("index.json"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, String> versions = new LinkedHashMap<>();
    index
        .get("versions")
        .properties()
        .forEach(e -> versions.put(e.getKey(), e.getValue().asString()));
    return new Index(
        cases(index.get("cases")),
        cases(index.get("full_size")),
        Collections.unmodifiableMap(versions));
  }

  private static List<ReferenceCase> cases(JsonNode list) {
    List<ReferenceCase> cases = new ArrayList<>();
    for (JsonNode json : list) {
      JsonNode weights = json.get("weights");
      cases.add(
          new ReferenceCase(
              json.get("name").asString(),
              Architecture.ofClassName(json.get("architecture").asString()).orElseThrow(),
              weights == null ? null : weights.get("seed").asLong()));
    }
    return List.copyOf(cases);
  }

  /** The bytes of a file, for example {@code classifier/config.json}. */
  static byte[] resource(String path) {
    try (InputStream in = ReferenceCases.class.getResourceAsStream(ROOT + path)) {
      if (in == null) {
        throw new IllegalStateException("the reference cases lack " + path);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
