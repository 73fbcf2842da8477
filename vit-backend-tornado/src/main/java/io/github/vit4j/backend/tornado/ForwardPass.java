package io.github.vit4j.backend.tornado;

import io.github.vit4j.spi.Output;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to compute for so many images of a size and for a set of outputs: steps in order, each of
 * which reads what earlier ones wrote. Made by {@link ForwardPassBuilder}, and carried out by
 * whatever runs kernels.
 *
 * @param pixels input, [images, channels, height, width] without padding
 * @param mask input, one number per patch of every image, 1 where it is masked and 0 elsewhere;
 *     null where nothing is masked
 * @param results where the outputs lie afterwards
 */
record ForwardPass(Buffer pixels, @Nullable Buffer mask, List<Step> steps, List<Result> results) {
  ForwardPass {
    steps = List.copyOf(steps);
    results = List.copyOf(results);
  }

  /**
   * One tensor of an output: {@code rows} rows of {@code width} numbers, {@code stride} apart.
   *
   * @param index which of the output's tensors
   */
  record Result(Output output, int index, Buffer buffer, int rows, int width, int stride) {}
}
