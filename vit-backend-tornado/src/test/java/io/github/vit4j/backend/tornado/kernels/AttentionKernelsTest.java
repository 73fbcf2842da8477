package io.github.vit4j.backend.tornado.kernels;

import io.github.vit4j.backend.tornado.AttentionCase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttentionKernelsTest {
  @ParameterizedTest
  @CsvSource({
    "1,1,1,1,1,1",
    "2,5,3,16,5,1",
    "1,70,2,7,70,3",
    "3,65,2,64,1,1",
    "1,17,1,80,17,1e-3",
    "1,9,2,6,9,30"
  })
  void isWhatFloat64Gives(
      int images, int tokens, int heads, int headSize, int queries, float magnitude) {
    AttentionCase given = new AttentionCase(images, tokens, heads, headSize, queries, magnitude);
    int rows = images * heads * queries;
    for (int from = 0; from < rows; from += 7) {
      AttentionKernels.attention(
          given.query,
          given.keyValue,
          given.probabilities,
          given.context,
          3 * given.stride,
          given.stride,
          queries,
          tokens,
          heads,
          headSize,
          given.scale,
          from,
          Math.min(from + 7, rows));
    }
    given.check(2e-6 * Math.max(1, magnitude * magnitude));
  }
}
