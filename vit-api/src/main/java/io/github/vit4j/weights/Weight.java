package io.github.vit4j.weights;

import io.github.vit4j.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One named tensor of a checkpoint.
 *
 * @param name the name it was found under
 * @param tensor its values; memory-mapped where they come from a file, so that nothing is read
 *     before it is used
 * @param region where the same bytes lie in a file, null when they do not lie in one as they are
 */
public record Weight(String name, Tensor tensor, @Nullable FileRegion region) {
  /**
   * {@return a weight that lies in memory only}
   *
   * @param name its name in the checkpoint
   * @param tensor its values
   */
  public static Weight of(String name, Tensor tensor) {
    return new Weight(name, tensor, null);
  }
}
