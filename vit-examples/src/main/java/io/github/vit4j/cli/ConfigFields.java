package io.github.vit4j.cli;

import io.github.vit4j.config.ImageSize;
import io.github.vit4j.config.ProblemType;
import io.github.vit4j.config.ViTConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Every field of a configuration as an option; null where it was not given. */
final class ConfigFields {
  /** What the reader of configurations accepts, too. */
  private static final int MAX_LABELS = 10_000_000;

  @Option(names = "--hidden-size", paramLabel = "N", description = "Width of a token.")
  private @Nullable Integer hiddenSize;

  @Option(names = "--num-hidden-layers", paramLabel = "N", description = "Encoder layers.")
  private @Nullable Integer numHiddenLayers;

  @Option(
      names = "--num-attention-heads",
      paramLabel = "N",
      description = "Attention heads per layer; they divide the hidden size.")
  private @Nullable Integer numAttentionHeads;

  @Option(
      names = "--intermediate-size",
      paramLabel = "N",
      description = "Width of the hidden layer of each MLP.")
  private @Nullable Integer intermediateSize;

  @Option(
      names = "--hidden-act",
      paramLabel = "NAME",
      converter = Names.OfActivation.class,
      description =
          "Activation function of the MLPs, for example gelu, gelu_new, relu, quick_gelu.")
  private @Nullable String hiddenAct;

  @Option(
      names = "--hidden-dropout-prob",
      paramLabel = "P",
      description = "Dropout while training; no effect here.")
  private @Nullable Double hiddenDropoutProb;

  @Option(
      names = "--attention-probs-dropout-prob",
      paramLabel = "P",
      description = "Dropout of attention weights while training; no effect here.")
  private @Nullable Double attentionProbsDropoutProb;

  @Option(
      names = "--initializer-range",
      paramLabel = "X",
      description = "Standard deviation of random weights.")
  private @Nullable Double initializerRange;

  @Option(
      names = "--layer-norm-eps",
      paramLabel = "X",
      description = "Added to the variance in layer normalisations.")
  private @Nullable Double layerNormEps;

  @Option(
      names = "--image-size",
      paramLabel = "N|HxW",
      converter = Names.OfImageSize.class,
      description = "Input size in pixels: a side, or height x width.")
  private @Nullable ImageSize imageSize;

  @Option(
      names = "--patch-size",
      paramLabel = "N|HxW",
      converter = Names.OfImageSize.class,
      description = "Patch size in pixels: a side, or height x width.")
  private @Nullable ImageSize patchSize;

  @Option(names = "--num-channels", paramLabel = "N", description = "Input channels.")
  private @Nullable Integer numChannels;

  @Option(
      names = "--qkv-bias",
      paramLabel = "true|false",
      arity = "1",
      converter = TrueOrFalse.class,
      description = "Whether query, key and value projections have a bias.")
  private @Nullable Boolean qkvBias;

  @Option(
      names = "--encoder-stride",
      paramLabel = "N",
      description = "Side of the pixel block that the masked-modelling decoder makes of a token.")
  private @Nullable Integer encoderStride;

  @Option(
      names = "--pooler-output-size",
      paramLabel = "N",
      description = "Width of the pooler's output; the hidden size where it is not given.")
  private @Nullable Integer poolerOutputSize;

  @Option(
      names = "--pooler-act",
      paramLabel = "NAME",
      converter = Names.OfActivation.class,
      description = "Activation function of the pooler.")
  private @Nullable String poolerAct;

  @Option(
      names = "--num-labels",
      paramLabel = "N",
      converter = LabelCount.class,
      description =
          "Labels of the classifier, named LABEL_0 and so on; 0 leaves the classifier out.")
  private @Nullable Integer numLabels;

  @Option(
      names = "--problem-type",
      paramLabel = "NAME",
      converter = Names.OfProblemType.class,
      description = "regression, single_label_classification or multi_label_classification.")
  private @Nullable ProblemType problemType;

  /** Sets the fields that were given, in place of those of {@code base}. */
  ViTConfig applyTo(ViTConfig base) {
    ViTConfig.Builder builder = base.toBuilder();
    if (hiddenSize != null) {
      builder.hiddenSize(hiddenSize);
    }
    if (numHiddenLayers != null) {
      builder.numHiddenLayers(numHiddenLayers);
    }
    if (numAttentionHeads != null) {
      builder.numAttentionHeads(numAttentionHeads);
    }
    if (intermediateSize != null) {
      builder.intermediateSize(intermediateSize);
    }
    if (hiddenAct != null) {
      builder.hiddenAct(hiddenAct);
    }
    if (hiddenDropoutProb != null) {
      builder.hiddenDropoutProb(hiddenDropoutProb);
    }
    if (attentionProbsDropoutProb != null) {
      builder.attentionProbsDropoutProb(attentionProbsDropoutProb);
    }
    if (initializerRange != null) {
      builder.initializerRange(initializerRange);
    }
    if (layerNormEps != null) {
      builder.layerNormEps(layerNormEps);
    }
    if (imageSize != null) {
      builder.imageSize(imageSize);
    }
    if (patchSize != null) {
      builder.patchSize(patchSize);
    }
    if (numChannels != null) {
      builder.numChannels(numChannels);
    }
    if (qkvBias != null) {
      builder.qkvBias(qkvBias);
    }
    if (encoderStride != null) {
      builder.encoderStride(encoderStride);
    }
    if (poolerOutputSize != null) {
      builder.poolerOutputSize(poolerOutputSize);
    }
    if (poolerAct != null) {
      builder.poolerAct(poolerAct);
    }
    if (numLabels != null) {
      builder.numLabels(numLabels);
    }
    if (problemType != null) {
      builder.problemType(problemType);
    }
    return builder.build();
  }

  /** Refuses everything else, which picocli's own converter takes for false. */
  static final class TrueOrFalse implements ITypeConverter<Boolean> {
    @Override
    public Boolean convert(String text) {
      return switch (text) {
        case "true" -> true;
        case "false" -> false;
        default -> throw new TypeConversionException("'%s' is not true or false".formatted(text));
      };
    }
  }

  /** A number of labels whose names fit into memory. */
  static final class LabelCount implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      try {
        int count = Integer.parseInt(text);
        if (count >= 0 && count <= MAX_LABELS) {
          return count;
        }
      } catch (NumberFormatException e) {
        // reported below
      }
      throw new TypeConversionException(
          "'%s' is not a number of labels from 0 to %d".formatted(text, MAX_LABELS));
    }
  }
}
