package io.github.vit4j.weights;

import io.github.vit4j.config.Architecture;
import io.github.vit4j.config.ViTConfig;
import io.github.vit4j.error.CheckpointException;
import io.github.vit4j.tensor.ElementType;
import io.github.vit4j.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Random parameters as HuggingFace draws them for a new model ({@code _init_weights} of {@code
 * modeling_vit.py} and {@code modeling_utils.py}): weights of linear maps and convolutions from the
 * normal distribution with mean 0 and standard deviation {@code initializer_range}, biases 0, layer
 * normalisations 1 and 0, the CLS token and position embeddings from that normal distribution
 * truncated to [-2, 2], the mask token 0.
 *
 * <p>The distributions are HuggingFace's, the numbers are not: torch's generator is another one.
 * Here a number depends on the seed, the parameter's name and its index only, and is the same on
 * every platform: SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators,
 * 2014), Marsaglia's polar method, and {@link StrictMath}.
 */
public final class RandomWeights {
  /** What {@code trunc_normal_} of HuggingFace cuts at, whatever the standard deviation. */
  private static final double BOUND = 2;

  /** What HuggingFace takes when {@code initializer_range} is 0. */
  private static final double DEFAULT_RANGE = 0.02;

  private RandomWeights() {}

  /**
   * All parameters of a new model, in float32.
   *
   * @param config sizes, and the standard deviation of the numbers
   * @param architecture which head
   * @param addPoolingLayer whether a {@link Architecture#VIT_MODEL} has a pooler; the others never
   *     have one
   * @param seed the same seed gives the same numbers on every platform
   * @return by the names of {@link ParameterNames}
   * @throws CheckpointException if the configuration asks for more numbers than memory holds
   */
  public static Map<String, Weight> create(
      ViTConfig config, Architecture architecture, boolean addPoolingLayer, long seed) {
    Map<String, long[]> shapes = ParameterNames.required(config, architecture);
    if (architecture == Architecture.VIT_MODEL && addPoolingLayer) {
      shapes.putAll(ParameterNames.pooler(config));
    }
    checkSize(shapes);
    Map<String, Weight> weights = new LinkedHashMap<>();
    shapes.forEach((name, shape) -> weights.put(name, Weight.of(name, allocate(name, shape))));
    List.copyOf(weights.values()).parallelStream()
        .forEach(weight -> fill(config, weight.name(), weight.tensor(), seed));
    return Collections.unmodifiableMap(weights);
  }

  /**
   * One parameter, the same as in the map of {@link #create(ViTConfig, Architecture, boolean,
   * long)}.
   */
  static Weight create(ViTConfig config, String name, long[] shape, long seed) {
    Tensor tensor = allocate(name, shape);
    fill(config, name, tensor, seed);
    return Weight.of(name, tensor);
  }

  /** Before anything is allocated: sums that overflow belong to no machine. */
  private static void checkSize(Map<String, long[]> shapes) {
    long count = 0;
    try {
      for (long[] shape : shapes.values()) {
        count = Math.addExact(count, Tensor.elementCount(shape));
      }
    } catch (ArithmeticException | IllegalArgumentException e) {
      throw new CheckpointException(
          "the model has more parameters than any memory holds; choose a smaller configuration", e);
    }
    // No 64-bit processor addresses more than 2^57 bytes.
    if (count > (1L << 57) / Float.BYTES) {
      throw new CheckpointException(
          "the model has %d parameters, more than any memory holds; choose a smaller configuration"
              .formatted(count));
    }
  }

  private static Tensor allocate(String name, long[] shape) {
    try {
      return Tensor.allocate(ElementType.FLOAT32, shape);
    } catch (IllegalArgumentException | OutOfMemoryError e) {
      throw new CheckpointException(
          "no memory for the parameter %s of shape %s; choose a smaller configuration, or raise the JVM's -XX:MaxDirectMemorySize"
              .formatted(name, Tensor.shapeToString(shape)),
          e);
    }
  }

  private static void fill(ViTConfig config, String name, Tensor tensor, long seed) {
    double range = config.initializerRange() == 0 ? DEFAULT_RANGE : config.initializerRange();
    if (name.equals(ParameterNames.MASK_TOKEN) || name.endsWith(".bias")) {
      return; // zeroed when allocated
    }
    if (name.contains("layernorm")) {
      set(tensor, () -> 1);
      return;
    }
    Normal normal = new Normal(mix(seed) ^ hash(name));
    if (name.equals(ParameterNames.CLS_TOKEN) || name.equals(ParameterNames.POSITION_EMBEDDINGS)) {
      set(tensor, () -> (float) normal.nextTruncated(range));
    } else {
      set(tensor, () -> (float) (range * normal.next()));
    }
  }

  private interface FloatSource {
    float next();
  }

  private static void set(Tensor tensor, FloatSource source) {
    for (long i = 0; i < tensor.elementCount(); i++) {
      tensor.data().setAtIndex(ValueLayout.JAVA_FLOAT, i, source.next());
    }
  }

  /** FNV-1a with 64 bits, so that parameters get streams of their own. */
  private static long hash(String name) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }

  /** The output function of SplitMix64 (variant 13 of Stafford's mixers). */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  /** Standard normal numbers; not thread-safe. */
  private static final class Normal {
    private long state;
    private double spare;
    private boolean hasSpare;

    Normal(long seed) {
      state = mix(seed);
    }

    /** From [0, 1), in steps of 2^-53. */
    private double nextUniform() {
      state += 0x9e3779b97f4a7c15L;
      return (mix(state) >>> 11) * 0x1p-53;
    }

    double next() {
      if (hasSpare) {
        hasSpare = false;
        return spare;
      }
      while (true) {
        double x = 2 * nextUniform() - 1;
        double y = 2 * nextUniform() - 1;
        double square = x * x + y * y;
        if (square < 1 && square > 0) {
          double scale = Math.sqrt(-2 * StrictMath.log(square) / square);
          spare = y * scale;
          hasSpare = true;
          return x * scale;
        }
      }
    }

    /** From the normal distribution of that standard deviation, given that it is in the bounds. */
    double nextTruncated(double deviation) {
      while (true) {
        if (deviation <= BOUND) {
          double value = deviation * next();
          if (Math.abs(value) <= BOUND) {
            return value;
          }
        } else {
          // Almost flat between the bounds: most normal numbers would lie outside them.
          double value = BOUND * (2 * nextUniform() - 1);
          double ratio = value / deviation;
          if (nextUniform() < StrictMath.exp(-0.5 * ratio * ratio)) {
            return value;
          }
        }
      }
    }
  }
}
