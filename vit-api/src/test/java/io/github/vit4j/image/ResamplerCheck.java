package io.github.vit4j.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** Every case of resampler.tsv, also as a program, for JVMs with options of their own. */
final class ResamplerCheck {
  private ResamplerCheck() {}

  static List<List<String>> rows() {
    return GeneratedImages.rows(ResamplerCheck.class, "resampler.tsv");
  }

  static void check(ResamplerLoops loops, List<String> row) {
    int[] n = row.subList(0, 6).stream().mapToInt(Integer::parseInt).toArray();
    Resampling resampling = Resampling.ofPillowNumber(n[5]).orElseThrow();
    byte[] levels = GeneratedImages.levels(n[0], n[1], n[2]);
    byte[] original = levels.clone();
    byte[] resized = Resampler.resize(loops, levels, n[0], n[1], n[2], n[3], n[4], resampling);
    assertThat(GeneratedImages.sha256(resized)).isEqualTo(row.get(6));
    assertThat(levels).as("the input").isEqualTo(original);
  }

  /** Fails at the first case that differs from Pillow. */
  public static void main(String[] args) {
    // Twice, because code that has been compiled is other code.
    for (int time = 0; time < 2; time++) {
      for (List<String> row : rows()) {
        check(ResamplerLoopsProvider.loops(), row);
      }
    }
  }
}
