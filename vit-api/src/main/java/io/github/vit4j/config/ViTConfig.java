package io.github.vit4j.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.github.vit4j.error.ConfigException;
import io.github.vit4j.error.ModelNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The configuration of a Vision Transformer: every field of HuggingFace's {@code ViTConfig} ({@code
 * transformers/models/vit/configuration_vit.py}) under its own name in Java's case. Fields that are
 * not listed here are kept in {@link #additionalFields()} and written back.
 *
 * <p>Immutable. {@link #builder()} starts from HuggingFace's defaults, which are those of ViT-B/16
 * at 224x224.
 *
 * @param hiddenSize width of a token; divisible by {@code numAttentionHeads}
 * @param numHiddenLayers how many encoder layers
 * @param numAttentionHeads attention heads per layer
 * @param intermediateSize width of the hidden layer of each MLP
 * @param hiddenAct activation function of the MLPs, by HuggingFace's name (see {@link Activation})
 * @param hiddenDropoutProb dropout while training; has no effect here
 * @param attentionProbsDropoutProb dropout while training; has no effect here
 * @param initializerRange standard deviation of random weights
 * @param layerNormEps added to the variance in every layer normalisation
 * @param imageSize input size in pixels
 * @param patchSize patch size in pixels
 * @param numChannels input channels
 * @param qkvBias whether query, key and value projections have a bias
 * @param encoderStride side of the pixel block that the masked-modelling decoder makes of one token
 * @param poolerOutputSize width of the pooler's output
 * @param poolerAct activation function of the pooler, by HuggingFace's name
 * @param id2label label names by class index
 * @param label2id class indices by label name; may hold fewer entries when names repeat
 * @param problemType what a classifier is for, null when HuggingFace has to infer it from the
 *     labels
 * @param dtype element type of the weights on disk by torch's name (for example {@code float16}),
 *     null when not said
 * @param additionalFields every other field of the JSON
 */
public record ViTConfig(
    int hiddenSize,
    int numHiddenLayers,
    int numAttentionHeads,
    int intermediateSize,
    String hiddenAct,
    double hiddenDropoutProb,
    double attentionProbsDropoutProb,
    double initializerRange,
    double layerNormEps,
    ImageSize imageSize,
    ImageSize patchSize,
    int numChannels,
    boolean qkvBias,
    int encoderStride,
    int poolerOutputSize,
    String poolerAct,
    SortedMap<Integer, String> id2label,
    Map<String, Integer> label2id,
    @Nullable ProblemType problemType,
    @Nullable String dtype,
    Map<String, JsonNode> additionalFields) {

  /** The version of transformers whose JSON {@link #toJson()} writes. */
  public static final String TRANSFORMERS_VERSION = "5.18.0";

  /** The file name of a configuration in a model directory. */
  public static final String FILE_NAME = "config.json";

  /**
   * Copies the maps and checks the values.
   *
   * @throws ConfigException if a model cannot be built from these values
   */
  public ViTConfig {
    id2label = Collections.unmodifiableSortedMap(new TreeMap<>(id2label));
    label2id = Collections.unmodifiableMap(new LinkedHashMap<>(label2id));
    additionalFields = Collections.unmodifiableMap(new LinkedHashMap<>(additionalFields));
    requirePositive("hidden_size", hiddenSize);
    requirePositive("num_attention_heads", numAttentionHeads);
    requirePositive("intermediate_size", intermediateSize);
    requirePositive("num_channels", numChannels);
    requirePositive("encoder_stride", encoderStride);
    requirePositive("pooler_output_size", poolerOutputSize);
    if (numHiddenLayers < 0 || numHiddenLayers > 10_000) {
      throw new ConfigException(
          "num_hidden_layers must be from 0 to 10000, got " + numHiddenLayers);
    }
    if (hiddenSize % numAttentionHeads != 0) {
      throw new ConfigException(
          "hidden_size %d is not divisible by num_attention_heads %d; choose sizes that divide"
              .formatted(hiddenSize, numAttentionHeads));
    }
    if (patchSize.height() > imageSize.height() || patchSize.width() > imageSize.width()) {
      throw new ConfigException(
          "patch_size %s is larger than image_size %s".formatted(patchSize, imageSize));
    }
    long patches =
        Math.multiplyFull(
            imageSize.height() / patchSize.height(), imageSize.width() / patchSize.width());
    if (patches >= Integer.MAX_VALUE) {
      throw new ConfigException(
          "image_size %s and patch_size %s make %d patches, more than can be addressed"
              .formatted(imageSize, patchSize, patches));
    }
    if (!(layerNormEps >= 0 && layerNormEps < 1)) {
      throw new ConfigException("layer_norm_eps must be from 0 to 1, got " + layerNormEps);
    }
    if (!(initializerRange >= 0 && initializerRange < Double.POSITIVE_INFINITY)) {
      throw new ConfigException("initializer_range must not be negative, got " + initializerRange);
    }
    if (problemType == ProblemType.SINGLE_LABEL_CLASSIFICATION && id2label.size() == 1) {
      throw new ConfigException(
          "problem_type single_label_classification needs more than one label; use two labels, or problem_type"
              + " regression");
    }
    Activation.ofName(hiddenAct);
    Activation.ofName(poolerAct);
  }

  private static void requirePositive(String field, int value) {
    if (value < 1) {
      throw new ConfigException(field + " must be at least 1, got " + value);
    }
  }

  /** {@return a builder that holds HuggingFace's defaults} */
  public static Builder builder() {
    return new Builder();
  }

  /** {@return a builder that holds this configuration's values} */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** {@return the features per attention head: hidden size / heads} */
  public int headSize() {
    return hiddenSize / numAttentionHeads;
  }

  /** {@return the rows of patches at the configured image size} */
  public int patchRows() {
    return imageSize.height() / patchSize.height();
  }

  /** {@return the columns of patches at the configured image size} */
  public int patchColumns() {
    return imageSize.width() / patchSize.width();
  }

  /** {@return the patches at the configured image size: rows * columns} */
  public int numPatches() {
    return patchRows() * patchColumns();
  }

  /**
   * {@return how many labels the classifier has; with 0 it hands out the features of the CLS token}
   */
  public int numLabels() {
    return id2label.size();
  }

  /**
   * {@return the name of a class, {@code LABEL_index} when it has none}
   *
   * @param index of the class, from 0
   */
  public String label(int index) {
    return id2label.getOrDefault(index, "LABEL_" + index);
  }

  /** {@return the function that {@link #hiddenAct} names} */
  public Activation hiddenActivation() {
    return Activation.ofName(hiddenAct);
  }

  /** {@return the function that {@link #poolerAct} names} */
  public Activation poolerActivation() {
    return Activation.ofName(poolerAct);
  }

  /**
   * Reads {@code config.json} of a model directory, or the file itself.
   *
   * @param directoryOrFile a directory that holds a {@value #FILE_NAME}, or such a file of any name
   * @return the configuration in the file
   * @throws ModelNotFoundException if there is no such file
   * @throws ConfigException if it is not a ViT's configuration
   */
  public static ViTConfig fromPretrained(Path directoryOrFile) {
    Path file =
        Files.isDirectory(directoryOrFile) ? directoryOrFile.resolve(FILE_NAME) : directoryOrFile;
    try {
      return fromJson(Json.readObject(file));
    } catch (NoSuchFileException e) {
      throw new ModelNotFoundException("no " + FILE_NAME + " at " + file, e);
    } catch (IOException e) {
      throw new ConfigException("cannot read %s: %s".formatted(file, e.getMessage()), e);
    } catch (ConfigException e) {
      throw new ConfigException("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  /**
   * Reads the JSON of HuggingFace's {@code config.json}, of transformers 4 or 5.
   *
   * @param json the whole object; not changed
   * @return the configuration, with HuggingFace's defaults for what is missing
   * @throws ConfigException if a field has the wrong type or an impossible value, or if the model
   *     type is not {@code vit} (or {@code deit}, whose undistilled form is a ViT)
   */
  @JsonCreator
  public static ViTConfig fromJson(ObjectNode json) {
    return ViTConfigJson.read(json);
  }

  /**
   * {@return the JSON that {@code print(config)} shows in Python: sorted, the fields of a ViT and
   * those of other fields that differ from HuggingFace's defaults}
   */
  @JsonValue
  public ObjectNode toJson() {
    return ViTConfigJson.write(this);
  }

  /** {@return {@link #toJson()} as text, laid out as Python does} */
  public String toJsonString() {
    return Json.toPrettyString(toJson());
  }

  /** {@return what {@code print(config)} shows in Python} */
  @Override
  public String toString() {
    return "ViTConfig " + toJsonString() + "\n";
  }

  /** Sets fields one by one; not thread-safe. */
  public static final class Builder {
    private int hiddenSize = 768;
    private int numHiddenLayers = 12;
    private int numAttentionHeads = 12;
    private int intermediateSize = 3072;
    private String hiddenAct = "gelu";
    private double hiddenDropoutProb;
    private double attentionProbsDropoutProb;
    private double initializerRange = 0.02;
    private double layerNormEps = 1e-12;
    private ImageSize imageSize = ImageSize.square(224);
    private ImageSize patchSize = ImageSize.square(16);
    private int numChannels = 3;
    private boolean qkvBias = true;
    private int encoderStride = 16;
    private @Nullable Integer poolerOutputSize;
    private String poolerAct = "tanh";
    private SortedMap<Integer, String> id2label = new TreeMap<>();
    private Map<String, Integer> label2id = new LinkedHashMap<>();
    private @Nullable ProblemType problemType;
    private @Nullable String dtype;
    private final Map<String, JsonNode> additionalFields = new LinkedHashMap<>();

    private Builder() {
      numLabels(2);
    }

    private Builder(ViTConfig config) {
      hiddenSize = config.hiddenSize;
      numHiddenLayers = config.numHiddenLayers;
      numAttentionHeads = config.numAttentionHeads;
      intermediateSize = config.intermediateSize;
      hiddenAct = config.hiddenAct;
      hiddenDropoutProb = config.hiddenDropoutProb;
      attentionProbsDropoutProb = config.attentionProbsDropoutProb;
      initializerRange = config.initializerRange;
      layerNormEps = config.layerNormEps;
      imageSize = config.imageSize;
      patchSize = config.patchSize;
      numChannels = config.numChannels;
      qkvBias = config.qkvBias;
      encoderStride = config.encoderStride;
      poolerOutputSize =
          config.poolerOutputSize == config.hiddenSize ? null : config.poolerOutputSize;
      poolerAct = config.poolerAct;
      id2label = config.id2label;
      label2id = config.label2id;
      problemType = config.problemType;
      dtype = config.dtype;
      additionalFields.putAll(config.additionalFields);
    }

    /**
     * Sets the width of a token.
     *
     * @param value at least 1 and divisible by the number of attention heads; 768 by default
     * @return this builder
     */
    public Builder hiddenSize(int value) {
      hiddenSize = value;
      return this;
    }

    /**
     * Sets how many encoder layers there are.
     *
     * @param value from 0 to 10,000; 12 by default
     * @return this builder
     */
    public Builder numHiddenLayers(int value) {
      numHiddenLayers = value;
      return this;
    }

    /**
     * Sets the attention heads per layer.
     *
     * @param value at least 1; 12 by default
     * @return this builder
     */
    public Builder numAttentionHeads(int value) {
      numAttentionHeads = value;
      return this;
    }

    /**
     * Sets the width of the hidden layer of each MLP.
     *
     * @param value at least 1; 3072 by default
     * @return this builder
     */
    public Builder intermediateSize(int value) {
      intermediateSize = value;
      return this;
    }

    /**
     * Sets the activation function of the MLPs.
     *
     * @param value HuggingFace's name of an {@link Activation}; {@code gelu} by default
     * @return this builder
     */
    public Builder hiddenAct(String value) {
      hiddenAct = value;
      return this;
    }

    /**
     * Sets the dropout while training, which has no effect here.
     *
     * @param value a probability; 0 by default
     * @return this builder
     */
    public Builder hiddenDropoutProb(double value) {
      hiddenDropoutProb = value;
      return this;
    }

    /**
     * Sets the dropout of the attention weights while training, which has no effect here.
     *
     * @param value a probability; 0 by default
     * @return this builder
     */
    public Builder attentionProbsDropoutProb(double value) {
      attentionProbsDropoutProb = value;
      return this;
    }

    /**
     * Sets the standard deviation of random weights.
     *
     * @param value finite and not negative; 0.02 by default
     * @return this builder
     */
    public Builder initializerRange(double value) {
      initializerRange = value;
      return this;
    }

    /**
     * Sets what is added to the variance in every layer normalisation.
     *
     * @param value from 0 to 1, exclusive; 1e-12 by default
     * @return this builder
     */
    public Builder layerNormEps(double value) {
      layerNormEps = value;
      return this;
    }

    /**
     * Sets a square input size.
     *
     * @param side in pixels, at least 1; 224 by default
     * @return this builder
     */
    public Builder imageSize(int side) {
      return imageSize(ImageSize.square(side));
    }

    /**
     * Sets the input size.
     *
     * @param value in pixels, at least that of a patch; 224 x 224 by default
     * @return this builder
     */
    public Builder imageSize(ImageSize value) {
      imageSize = value;
      return this;
    }

    /**
     * Sets square patches.
     *
     * @param side in pixels, at least 1; 16 by default
     * @return this builder
     */
    public Builder patchSize(int side) {
      return patchSize(ImageSize.square(side));
    }

    /**
     * Sets the patch size.
     *
     * @param value in pixels, at most that of the input; 16 x 16 by default
     * @return this builder
     */
    public Builder patchSize(ImageSize value) {
      patchSize = value;
      return this;
    }

    /**
     * Sets the input channels.
     *
     * @param value at least 1; 3 by default
     * @return this builder
     */
    public Builder numChannels(int value) {
      numChannels = value;
      return this;
    }

    /**
     * Sets whether query, key and value projections have a bias.
     *
     * @param value true by default
     * @return this builder
     */
    public Builder qkvBias(boolean value) {
      qkvBias = value;
      return this;
    }

    /**
     * Sets the side of the pixel block that the masked-modelling decoder makes of one token.
     *
     * @param value in pixels, at least 1; 16 by default
     * @return this builder
     */
    public Builder encoderStride(int value) {
      encoderStride = value;
      return this;
    }

    /**
     * Sets the width of the pooler's output.
     *
     * @param value at least 1; null, the default, for the hidden size
     * @return this builder
     */
    public Builder poolerOutputSize(@Nullable Integer value) {
      poolerOutputSize = value;
      return this;
    }

    /**
     * Sets the activation function of the pooler.
     *
     * @param value HuggingFace's name of an {@link Activation}; {@code tanh} by default
     * @return this builder
     */
    public Builder poolerAct(String value) {
      poolerAct = value;
      return this;
    }

    /**
     * Sets labels named LABEL_0, LABEL_1, ...
     *
     * @param count how many; 2 by default
     * @return this builder
     * @throws ConfigException if {@code count} is negative
     */
    public Builder numLabels(int count) {
      if (count < 0) {
        throw new ConfigException("num_labels must not be negative, got " + count);
      }
      String[] names = new String[count];
      for (int i = 0; i < count; i++) {
        names[i] = "LABEL_" + i;
      }
      return labels(List.of(names));
    }

    /**
     * Sets the label names.
     *
     * @param names by class index; may repeat, and may be none
     * @return this builder
     */
    public Builder labels(List<String> names) {
      SortedMap<Integer, String> byId = new TreeMap<>();
      Map<String, Integer> byLabel = new LinkedHashMap<>();
      for (int i = 0; i < names.size(); i++) {
        byId.put(i, names.get(i));
        byLabel.put(names.get(i), i);
      }
      id2label = byId;
      label2id = byLabel;
      return this;
    }

    Builder id2label(SortedMap<Integer, String> value) {
      id2label = value;
      return this;
    }

    Builder label2id(Map<String, Integer> value) {
      label2id = value;
      return this;
    }

    /**
     * Sets what the classifier is for.
     *
     * @param value null, the default, to infer it from the labels
     * @return this builder
     */
    public Builder problemType(@Nullable ProblemType value) {
      problemType = value;
      return this;
    }

    /**
     * Sets the element type of the weights on disk.
     *
     * @param value torch's name, for example {@code float16}; null, the default, when not said
     * @return this builder
     */
    public Builder dtype(@Nullable String value) {
      dtype = value;
      return this;
    }

    /**
     * Sets any other field of the JSON.
     *
     * @param name of the field, as the JSON has it
     * @param value what is written back
     * @return this builder
     */
    public Builder additionalField(String name, JsonNode value) {
      additionalFields.put(name, value);
      return this;
    }

    /**
     * {@return the configuration}
     *
     * @throws ConfigException if a model cannot be built from these values
     */
    public ViTConfig build() {
      return new ViTConfig(
          hiddenSize,
          numHiddenLayers,
          numAttentionHeads,
          intermediateSize,
          hiddenAct,
          hiddenDropoutProb,
          attentionProbsDropoutProb,
          initializerRange,
          layerNormEps,
          imageSize,
          patchSize,
          numChannels,
          qkvBias,
          encoderStride,
          poolerOutputSize == null ? hiddenSize : poolerOutputSize,
          poolerAct,
          id2label,
          label2id,
          problemType,
          dtype,
          additionalFields);
    }
  }
}
