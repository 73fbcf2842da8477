package io.github.vit4j.backend.tornado.kernels;

import io.github.vit4j.backend.tornado.AttentionCase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttentionKernelsTest {
  @ParameterizedTest
  @CsvSource({
    "1,1,1,1,1,1,1",
    "2,5,3,16,5,1,64",
    "1,70,2,7,70,3,2",
    "3,65,2,64,1,1,1",
    "1,17,1,80,17,1e-3,3",
    "1,9,2,6,9,30,64",
    "2,130,1,150,130,1,5",
    "1,2100,1,4,3,1,1"
  })
  void isWhatFloat64Gives(
      int images,
      int tokens,
      int heads,
      int headSize,
      int queries,
      float magnitude,
      int tileGroups) {
    AttentionCase given = new AttentionCase(images, tokens, heads, headSize, queries, magnitude);
    int tiles = images * heads * Math.ceilDiv(Layout.rowGroups(queries), tileGroups);
    for (int from = 0; from < tiles; from += 3) {
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
          tileGroups,
          from,
          Math.min(from + 3, tiles));
    }
    given.check(2e-6 * Math.max(1, magnitude * magnitude));
  }
}
