package io.github.vit4j.cli;

import io.github.vit4j.config.Activation;
import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ImageSize;
import io.github.vit4j.config.Json;
import io.github.vit4j.config.ProblemType;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.ViTException;
import io.github.vit4j.pipeline.Pooling;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** Values of options by name. */
final class Names {
  private Names() {}

  /** The texts as a JSON array on one line. */
  static String jsonArray(List<String> texts) {
    ArrayNode array = Json.object().putArray("texts");
    texts.forEach(array::add);
    return Json.toString(array);
  }

  /** The first of a checkpoint's {@code architectures}, else a classifier. */
  static Architecture architecture(ViTConfig config) {
    JsonNode names = config.additionalFields().get("architectures");
    if (names != null && names.isArray() && names.size() > 0 && names.get(0).isString()) {
      return Architecture.ofClassName(names.get(0).stringValue())
          .orElse(Architecture.VIT_FOR_IMAGE_CLASSIFICATION);
    }
    return Architecture.VIT_FOR_IMAGE_CLASSIFICATION;
  }

  private static <E> E find(String text, E[] values, Function<E, String> name) {
    for (E value : values) {
      if (name.apply(value).equals(text)) {
        return value;
      }
    }
    throw new TypeConversionException(
        "'%s' is not one of %s"
            .formatted(text, Arrays.stream(values).map(name).collect(Collectors.joining(", "))));
  }

  private static String lowerCase(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  static final class OfPooling implements ITypeConverter<Pooling> {
    @Override
    public Pooling convert(String text) {
      return find(text, Pooling.values(), Names::lowerCase);
    }
  }

  static final class OfTask implements ITypeConverter<Task> {
    @Override
    public Task convert(String text) {
      return find(text, Task.values(), Names::lowerCase);
    }
  }

  static final class OfExportFormat implements ITypeConverter<ExportCommand.Format> {
    @Override
    public ExportCommand.Format convert(String text) {
      return find(text, ExportCommand.Format.values(), Names::lowerCase);
    }
  }

  static final class OfArchitecture implements ITypeConverter<Architecture> {
    @Override
    public Architecture convert(String text) {
      return find(text, Architecture.values(), Architecture::toString);
    }
  }

  static final class OfProblemType implements ITypeConverter<ProblemType> {
    @Override
    public ProblemType convert(String text) {
      return find(text, ProblemType.values(), ProblemType::toString);
    }
  }

  /** Names of activation functions, checked but kept as they are. */
  static final class OfActivation implements ITypeConverter<String> {
    @Override
    public String convert(String text) {
      try {
        Activation.ofName(text);
        return text;
      } catch (ViTException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /** A side, or height x width. */
  static final class OfImageSize implements ITypeConverter<ImageSize> {
    private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,8})(?:x([1-9][0-9]{0,8}))?");

    @Override
    public ImageSize convert(String text) {
      Matcher matcher = SIZE.matcher(text);
      if (!matcher.matches()) {
        throw new TypeConversionException(
            "'%s' is not a size in pixels: give a side (224) or height x width (224x320)"
                .formatted(text));
      }
      int height = Integer.parseInt(matcher.group(1));
      String width = matcher.group(2);
      return new ImageSize(height, width == null ? height : Integer.parseInt(width));
    }
  }
}
