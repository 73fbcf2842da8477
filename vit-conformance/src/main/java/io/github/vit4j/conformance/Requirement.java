package io.github.vit4j.conformance;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a backend must do ({@link Level#REQUIRED}) or may do ({@link Level#OPTIONAL}). Numbers and
 * names are stable: reports and reference cases refer to them.
 */
public enum Requirement {
  /** Metadata and name agree with the provider at hand. */
  SERVICE_LOADER(Group.DISCOVERY, 1, Level.REQUIRED, "is found by ServiceLoader under its name"),
  /** As {@code BackendProvider.name} says. */
  NAME(
      Group.DISCOVERY,
      2,
      Level.REQUIRED,
      "has a name of lower-case letters, digits and hyphens that never changes"),
  /** Judged in a JVM of its own. */
  QUIET_LOADING(
      Group.DISCOVERY,
      3,
      Level.REQUIRED,
      "uses no network, loads no native library and writes nothing outside the temporary folder"
          + " when its class is loaded"),
  /** As {@code BackendProvider.availability} says. */
  AVAILABILITY(
      Group.DISCOVERY,
      4,
      Level.REQUIRED,
      "tells its version, devices and precisions, or one line why there are none"),
  /** An explicit choice is met or refused. */
  UNKNOWN_DEVICE(
      Group.DISCOVERY,
      5,
      Level.REQUIRED,
      "refuses a device that is not there, and names those that are"),
  /** An explicit choice is met or refused. */
  UNSUPPORTED_PRECISION(
      Group.DISCOVERY,
      6,
      Level.REQUIRED,
      "refuses a precision that the device does not list, and names those it has"),
  /** As {@code ViTSession.info} says. */
  TRUE_INFO(
      Group.DISCOVERY,
      7,
      Level.REQUIRED,
      "reports the backend, version, device and precision that were asked for as those in use"),
  /** As {@code SessionOptions.threads} says. */
  THREADS(Group.DISCOVERY, 8, Level.REQUIRED, "reports the number of threads that was asked for"),

  /** {@code ViTForImageClassification}. */
  LOGITS(Group.OUTPUTS, 1, Level.REQUIRED, "computes the logits of ViTForImageClassification"),
  /** All three architectures. */
  LAST_HIDDEN_STATE(
      Group.OUTPUTS,
      2,
      Level.REQUIRED,
      "computes the last hidden state, after the final layer normalisation"),
  /** {@code ViTModel} with a pooler. */
  POOLER_OUTPUT(
      Group.OUTPUTS, 3, Level.REQUIRED, "computes the pooler output, of any size and activation"),
  /** {@code ViTForMaskedImageModeling}. */
  RECONSTRUCTION(
      Group.OUTPUTS,
      4,
      Level.REQUIRED,
      "computes the reconstruction of ViTForMaskedImageModeling, pixels in PixelShuffle's order"),
  /** Layers + 1 tensors. */
  HIDDEN_STATES(
      Group.OUTPUTS,
      5,
      Level.REQUIRED,
      "hands out the hidden states of the embeddings and of every layer, before the final layer"
          + " normalisation"),
  /** One tensor a layer. */
  ATTENTIONS(
      Group.OUTPUTS, 6, Level.REQUIRED, "hands out every layer's attention weights, after softmax"),
  /** Computed by vit-api from a backend's outputs. */
  LOSSES(Group.OUTPUTS, 7, Level.REQUIRED, "gives HuggingFace's losses through the model classes"),

  /** Rows of a batch do not know of each other. */
  BATCHES(Group.INPUTS, 1, Level.REQUIRED, "computes every image of a batch as if it were alone"),
  /** None, all, random, another one for every image. */
  MASKS(
      Group.INPUTS,
      2,
      Level.REQUIRED,
      "puts the mask token in the place of masked patches, before positions are added"),
  /** Larger, smaller and rectangular images. */
  INTERPOLATED_POSITIONS(
      Group.INPUTS,
      3,
      Level.REQUIRED,
      "interpolates position embeddings bicubically for images of another size"),
  /** Pixels that do not fill a patch. */
  PARTIAL_PATCHES(
      Group.INPUTS, 4, Level.REQUIRED, "ignores pixels at the edge that do not fill a patch"),
  /** Memory of any kind is a tensor. */
  FOREIGN_MEMORY(
      Group.INPUTS, 5, Level.REQUIRED, "takes pixels from heap memory and from slices of a tensor"),

  /** The exact form, not the one with tanh. */
  GELU(Group.CONFIGURATION, 1, Level.REQUIRED, "computes gelu with erf"),
  /** Those that published ViT checkpoints have. */
  ACTIVATIONS(
      Group.CONFIGURATION,
      2,
      Level.REQUIRED,
      "computes gelu_new, gelu_fast, gelu_pytorch_tanh, quick_gelu, relu, silu and tanh"),
  /** The rest of HuggingFace's table. */
  OTHER_ACTIVATIONS(
      Group.CONFIGURATION, 3, Level.OPTIONAL, "computes every other activation without parameters"),
  /** 1e-12, 1e-6, and large ones. */
  LAYER_NORM_EPS(Group.CONFIGURATION, 4, Level.REQUIRED, "adds layer_norm_eps to the variance"),
  /** 14, and rectangles. */
  PATCH_SIZES(Group.CONFIGURATION, 5, Level.REQUIRED, "takes patches of any size, square or not"),
  /** Rectangles, one patch. */
  IMAGE_SIZES(
      Group.CONFIGURATION, 6, Level.REQUIRED, "takes images of any configured size, square or not"),
  /** 1 and 5. */
  CHANNELS(Group.CONFIGURATION, 7, Level.REQUIRED, "takes any number of channels"),
  /** Without biases. */
  QKV_BIAS(Group.CONFIGURATION, 8, Level.REQUIRED, "leaves out the query, key and value biases"),
  /** One head, odd numbers, heads of one feature. */
  ATTENTION_HEADS(
      Group.CONFIGURATION,
      9,
      Level.REQUIRED,
      "scales attention by the size of a head, for any number of heads"),
  /** 0, 1, many. */
  LABELS(
      Group.CONFIGURATION,
      10,
      Level.REQUIRED,
      "has any number of labels; without labels the logits are the features"),
  /** One, several. */
  LAYERS(Group.CONFIGURATION, 11, Level.REQUIRED, "has any number of layers from one on"),
  /** None. */
  NO_LAYERS(Group.CONFIGURATION, 12, Level.OPTIONAL, "has no layers"),
  /** Other than the patch size. */
  ENCODER_STRIDE(Group.CONFIGURATION, 13, Level.REQUIRED, "decodes with any encoder_stride"),

  /** Converted while loading. */
  FLOAT16_WEIGHTS(Group.WEIGHTS, 1, Level.REQUIRED, "reads weights stored in float16"),
  /** Converted while loading. */
  BFLOAT16_WEIGHTS(Group.WEIGHTS, 2, Level.REQUIRED, "reads weights stored in bfloat16"),
  /** Rounded while loading. */
  FLOAT64_WEIGHTS(Group.WEIGHTS, 3, Level.REQUIRED, "reads weights stored in float64"),
  /** Transformers 4 and 5, with and without prefix. */
  PARAMETER_NAMES(
      Group.WEIGHTS,
      4,
      Level.REQUIRED,
      "runs checkpoints with the old and the new parameter names"),
  /** No file behind them. */
  WEIGHTS_IN_MEMORY(Group.WEIGHTS, 5, Level.REQUIRED, "takes weights that lie in memory only"),
  /** Other sessions use them too. */
  WEIGHTS_UNCHANGED(Group.WEIGHTS, 6, Level.REQUIRED, "leaves the weights it was given unchanged"),
  /** 86 to 632 million parameters. */
  FULL_SIZE(
      Group.WEIGHTS,
      7,
      Level.REQUIRED,
      "computes models of the sizes that are in use, up to vit-huge-patch14-224"),

  /** Not more, not less. */
  ONLY_WHAT_WAS_ASKED(
      Group.BEHAVIOUR,
      1,
      Level.REQUIRED,
      "hands out the outputs that were asked for and no others"),
  /** Neither stale nor shared. */
  OUTPUTS_ARE_THE_CALLERS(
      Group.BEHAVIOUR,
      2,
      Level.REQUIRED,
      "hands out memory that no later run and no closing changes, and changes no input"),
  /** Bit for bit. */
  DETERMINISM(Group.BEHAVIOUR, 3, Level.REQUIRED, "gives the same bits for the same inputs"),
  /** One session, several threads. */
  CONCURRENT_CALLERS(
      Group.BEHAVIOUR, 4, Level.REQUIRED, "serves several threads at the same time correctly"),
  /** Sizes and outputs alternate. */
  CHANGING_INPUTS(
      Group.BEHAVIOUR,
      5,
      Level.REQUIRED,
      "serves changing batch sizes, image sizes and outputs in one session"),
  /** Two models at once. */
  SEVERAL_SESSIONS(Group.BEHAVIOUR, 6, Level.REQUIRED, "keeps sessions apart from each other"),
  /** Shapes, types, masks, outputs. */
  INVALID_INPUTS(
      Group.BEHAVIOUR,
      7,
      Level.REQUIRED,
      "refuses inputs of the wrong shape or type with InvalidInputException, and goes on"),
  /** An exception, not a crash. */
  CLOSED_SESSION(
      Group.BEHAVIOUR,
      8,
      Level.REQUIRED,
      "answers with IllegalStateException after closing, which may be done twice"),
  /** No use after free. */
  CLOSE_WAITS(Group.BEHAVIOUR, 9, Level.REQUIRED, "waits for runs under way when it is closed"),
  /** Resident memory. */
  MEMORY_OF_RUNS(Group.BEHAVIOUR, 10, Level.REQUIRED, "needs no more memory after many runs"),
  /** Resident memory. */
  MEMORY_OF_SESSIONS(
      Group.BEHAVIOUR, 11, Level.REQUIRED, "needs no more memory after many sessions");

  private final Group group;
  private final int index;
  private final Level level;
  private final String sentence;

  Requirement(Group group, int index, Level level, String sentence) {
    this.group = group;
    this.index = index;
    this.level = level;
    this.sentence = sentence;
  }

  /** Whether a backend conforms without it. */
  public enum Level {
    /** It does not. */
    REQUIRED,
    /** It does; what it cannot do is skipped by name. */
    OPTIONAL
  }

  /** What a requirement is about. */
  public enum Group {
    /** How the backend is found, named and chosen, and what it says of itself. */
    DISCOVERY(1, "Discovery and choice"),
    /** Every output with HuggingFace's numbers. */
    OUTPUTS(2, "Outputs"),
    /** Batches, masks, images of other sizes, and pixels in any memory. */
    INPUTS(3, "Inputs"),
    /** Every field of a configuration that changes a result. */
    CONFIGURATION(4, "Configuration"),
    /** Weights of every element type, by every name, from files and from memory. */
    WEIGHTS(5, "Weights"),
    /** Threads, closing, memory, and what is refused. */
    BEHAVIOUR(6, "Behaviour");

    private final int number;
    private final String title;

    Group(int number, String title) {
      this.number = number;
      this.title = title;
    }

    /** {@return the group's number, counted from 1} */
    public int number() {
      return number;
    }

    /** {@return the requirements in this group, by number} */
    public List<Requirement> requirements() {
      return Arrays.stream(Requirement.values()).filter(r -> r.group == this).toList();
    }

    /** For people, for example {@code Discovery and choice}. */
    @Override
    public String toString() {
      return title;
    }
  }

  /** {@return what this is about} */
  public Group group() {
    return group;
  }

  /** {@return group and place in it, for example {@code 2.4}} */
  public String number() {
    return group.number() + "." + index;
  }

  /** {@return whether a backend conforms without it} */
  public Level level() {
    return level;
  }

  /** {@return what the backend does, for example {@code interpolates position embeddings ...}} */
  public String sentence() {
    return sentence;
  }

  /**
   * {@return number, sentence and level, for example {@code 2.1 computes the logits of
   * ViTForImageClassification [required]}}
   */
  public String title() {
    return "%s [%s]".formatted(this, level.name().toLowerCase(Locale.ROOT));
  }

  /** {@return the name in reference cases and reports, for example {@code hidden_states}} */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * {@return the requirement of that number or key; empty if there is none}
   *
   * @param numberOrKey see {@link #number} and {@link #key}, for example {@code 2.4} or {@code
   *     hidden_states}
   */
  public static Optional<Requirement> of(String numberOrKey) {
    return Arrays.stream(values())
        .filter(r -> r.number().equals(numberOrKey) || r.key().equals(numberOrKey))
        .findFirst();
  }

  /** For example {@code 2.1 computes the logits of ViTForImageClassification}. */
  @Override
  public String toString() {
    return number() + " " + sentence;
  }
}
